package io.qedstore.fold;

import io.qedstore.event.LogRecord.Event;

/** Takes the events of one image that count, each once, in order. */
@FunctionalInterface
public interface FoldSink {
    /**
     * Takes the next event. Does not wait.
     *
     * @param event whose buffers stay as they are until it was applied
     * @param after the place in the log behind it
     */
    void folded(Event event, FoldState after);
}
