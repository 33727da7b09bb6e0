package io.qedstore.log;

/**
 * The log of one image.
 *
 * <p>Records get offsets 0, 1, 2... in the order in which the log takes them. A record that was acknowledged stays, as far as
 * the log's settings promise; one whose append failed may be there all the same, now or later.
 *
 * <p>All methods may be called by any thread, and none of them waits unless it says so. Results come by callback, in any thread, also before the
 * call returns; a callback must not wait and must not throw.
 */
public interface EventLog {
    TopicId topicId();

    /**
     * A way to append. It keeps the order in which it was given records, and after one of them failed, none behind it may be
     * trusted to be there or not: close it, and read.
     */
    Appender newAppender();

    /**
     * Reads what lies from a position on.
     *
     * @param position the leader epoch in it is checked against the log; one behind the end of the log is an error, whatever
     *     part of the log readers see yet
     * @param atEnd what to do if readers see nothing there yet
     */
    void read(LogPosition position, AtEnd atEnd, ReadCallback callback);

    /**
     * One behind the last record that readers can see now. Unlike the others it waits, for the brokers.
     *
     * @throws LogException.Recreated if it is another log now
     */
    long endOffset() throws LogException;

    /** What a read does where there is nothing to read yet. */
    enum AtEnd {
        /** It waits for records, and answers without any after a while. */
        WAIT,
        /** It answers, without any. */
        ANSWER
    }

    /** Appends records. */
    interface Appender extends AutoCloseable {
        /** @param record must not change before the callback was called */
        void append(byte[] record, AppendCallback callback);

        /** Fails what is under way; it may be, or come to be, in the log all the same. */
        @Override
        void close();
    }

    /** What became of one record. Exactly one of the methods is called, once. */
    interface AppendCallback {
        /** It lies at this offset. */
        void appended(long offset);

        void failed(LogException cause);
    }

    /** What a read has brought. Exactly one of the methods is called, once. */
    interface ReadCallback {
        void read(LogBatch batch);

        void failed(LogException cause);
    }
}
