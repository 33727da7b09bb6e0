package io.qedstore.nbd;

import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.logging.Handler;
import java.util.logging.Level;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;

/**
 * Takes what the server and Netty log, instead of the console. What must never appear there: an exception that nobody
 * expected, a buffer that was not given back, a task that failed.
 */
final class LogWatch implements AutoCloseable {
    private static final Logger SERVER = Logger.getLogger("io.qedstore");
    private static final Logger NETTY = Logger.getLogger("io.netty");

    private final List<String> unexpected = new CopyOnWriteArrayList<>();
    private final List<String> all = new CopyOnWriteArrayList<>();
    private final Handler handler = new Collector();

    LogWatch() {
        for (Logger logger : List.of(SERVER, NETTY)) {
            logger.setUseParentHandlers(false);
            logger.addHandler(handler);
        }
    }

    /** Sorts what comes. */
    private final class Collector extends Handler {
        private final SimpleFormatter formatter = new SimpleFormatter();

        @Override
        public void publish(LogRecord logged) {
            String text = formatter.format(logged);
            boolean fromNetty = String.valueOf(logged.getLoggerName()).startsWith("io.netty");
            boolean grave = logged.getLevel().intValue() >= Level.WARNING.intValue();
            if ((fromNetty && grave) || text.contains("please report")) {
                unexpected.add(text);
            }
            if (all.size() < 1000) {
                all.add(text);
            }
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
    }

    /** What was logged, at most the first thousand messages. */
    List<String> messages() {
        return List.copyOf(all);
    }

    /** What no client may ever bring about. */
    List<String> unexpected() {
        return List.copyOf(unexpected);
    }

    /** What came so far was to be expected. */
    void forget() {
        unexpected.clear();
    }

    @Override
    public void close() {
        SERVER.removeHandler(handler);
        NETTY.removeHandler(handler);
    }
}
