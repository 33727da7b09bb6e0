package io.qedstore.retention;

import io.qedstore.log.EventLog;
import java.io.IOException;

/** A log whose beginning can be deleted. Its methods wait for the brokers. */
public interface TrimmedLog {
    /** To read; nobody else uses this object. */
    EventLog log();

    /** Of the first record that is there. */
    long startOffset() throws IOException;

    /** Deletes the records before an offset, for ever; the log begins there when it returns. */
    void deleteBefore(long offset) throws IOException;
}
