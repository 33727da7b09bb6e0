package io.qedstore.rebuild;

import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.log.EventLog;
import java.io.IOException;
import java.time.Duration;
import java.util.Collection;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;

/** Makes blocks of a file anew from nothing but its log. Reads all of it, and keeps the blocks alone. */
public final class BlockRestore {
    private BlockRestore() {}

    /**
     * Waits for the log.
     *
     * @param log nobody else may use this object
     * @param start the log's beginning, where all blocks are zeros
     * @param last the event behind which the blocks are wanted
     * @return their bytes, by their numbers
     */
    public static Map<Long, byte[]> restore(
            EventLog log, FoldState start, Collection<Long> blocks, Sequence last, Duration patience)
            throws IOException {
        SomeBlocks kept = new SomeBlocks(blocks);
        new Redo(log, start, kept, patience).upTo(last);
        return blocks.stream().distinct().collect(Collectors.toMap(Function.identity(), kept::block));
    }
}
