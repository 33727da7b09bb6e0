package io.qedstore.log.kafka;

import io.qedstore.log.EventLog.AppendCallback;
import io.qedstore.log.LogException;
import java.util.Objects;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A record on its way. All that changes is under the lock of its appender, except where it says otherwise.
 */
final class Send implements Callback {
    private static final Logger LOG = LoggerFactory.getLogger(Send.class);

    private final KafkaAppender appender;
    private final int recordBytes;
    private final AppendCallback callback;

    /** Until the producer has copied it into a batch of its own. */
    private byte @Nullable [] record;

    /** Set before the record is given to the producer: an error that comes in this thread says that it was not taken. */
    private volatile @Nullable Thread sender;

    private boolean underWay;
    private boolean decided;
    private long offset;
    private @Nullable LogException failure;

    Send(KafkaAppender appender, byte[] record, AppendCallback callback) {
        this.appender = appender;
        this.record = record;
        this.recordBytes = record.length;
        this.callback = callback;
    }

    int recordBytes() {
        return recordBytes;
    }

    /** Hands the record out, once: whatever waits for an answer needs it no more, and it would only burden the collector. */
    byte[] takeRecord() {
        byte[] taken = Objects.requireNonNull(record, "was taken");
        record = null;
        return taken;
    }

    /** @param thread null if it is not known whether the producer has taken the record */
    void sentBy(@Nullable Thread thread) {
        sender = thread;
    }

    void setUnderWay(boolean now) {
        underWay = now;
    }

    boolean isUnderWay() {
        return underWay;
    }

    boolean isDecided() {
        return decided;
    }

    /** The first decision counts. */
    void succeed(long atOffset) {
        if (!decided) {
            decided = true;
            offset = atOffset;
        }
    }

    void fail(LogException cause) {
        if (!decided) {
            decided = true;
            failure = cause;
        }
    }

    /** Makes a success a failure. */
    void spoil(LogException cause) {
        if (failure == null) {
            failure = cause;
        }
    }

    @Nullable
    LogException failure() {
        return failure;
    }

    /** By Kafka's client: in its own thread, or in the one that sends if the record was not taken. */
    @Override
    public void onCompletion(@Nullable RecordMetadata metadata, @Nullable Exception error) {
        if (error != null && Thread.currentThread() == sender) {
            appender.notTaken(this, error);
        } else if (error != null) {
            appender.failed(this, error);
        } else if (metadata == null || !metadata.hasOffset()) {
            appender.failed(this, new IllegalStateException("the broker acknowledged it and named no offset"));
        } else {
            appender.appended(this, metadata.offset());
        }
    }

    /** Without any lock, once. */
    void report() {
        try {
            if (failure == null) {
                callback.appended(offset);
            } else {
                callback.failed(failure);
            }
        } catch (RuntimeException | Error e) {
            LOG.error("a callback of an append to {} has thrown", appender.name(), e);
        }
    }
}
