package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;

/** Where the logs of images come from. */
@FunctionalInterface
public interface LogSource {
    /** Waits for the brokers. */
    EventLog open(ImageId image) throws LogException;
}
