package io.qedstore.log.kafka;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import org.apache.kafka.common.errors.InterruptException;

/** The threads that read. Each opened log stays with one of them, so that two that read the same log seldom meet. */
final class LogReaders {
    private final List<LogReader> readers = new ArrayList<>();
    private final AtomicInteger turn = new AtomicInteger();

    LogReaders(KafkaSettings settings, TopicWatch watch) {
        for (int number = 0; number < settings.readers().readers(); number++) {
            LogReader reader = new LogReader(settings, number, watch);
            readers.add(reader);
            reader.start();
        }
    }

    LogReader next() {
        return readers.get(Math.floorMod(turn.getAndIncrement(), readers.size()));
    }

    /** Fails all reads that wait. */
    void close() {
        try {
            for (LogReader reader : readers) {
                reader.close();
            }
        } catch (InterruptedException e) {
            throw new InterruptException(e);
        }
    }
}
