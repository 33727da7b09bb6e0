package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.qedstore.device.Allocation;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.nbd.wire.BlockStatusFlags;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.Request;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Set;

/** Collects the extents of a range for each context that is asked for, neighbours of one status as one. */
final class BlockStatusReply implements BlockStatusSink {
    /** Extents of a context in one reply; the client asks again for the rest. */
    private static final int MAX_EXTENTS = 1 << 14;

    /** Bytes of memory that a reply takes at most, in the extended form. */
    static final long MAX_BYTES = 2L * Long.BYTES * MAX_EXTENTS * MetaContext.values().length;

    private final List<ContextExtents> contexts = new ArrayList<>();
    private final int limit;

    /** @param one whether the client wants no more than one extent */
    BlockStatusReply(Set<MetaContext> contexts, boolean one) {
        contexts.stream().sorted().forEach(context -> this.contexts.add(new ContextExtents(context)));
        this.limit = one ? 1 : MAX_EXTENTS;
    }

    @Override
    public boolean extent(long lengthBytes, Allocation allocation, int depth) {
        boolean wanted = false;
        for (ContextExtents context : contexts) {
            wanted |= context.add(lengthBytes, allocation, depth, limit);
        }
        return wanted;
    }

    void writeTo(ByteBuf out, ReplyForm form, Request request) {
        for (int i = 0; i < contexts.size(); i++) {
            contexts.get(i).writeTo(out, form, request, i == contexts.size() - 1);
        }
    }

    /** The extents of one context. */
    private static final class ContextExtents {
        private final MetaContext context;
        private long[] lengths = new long[16];
        private int[] statuses = new int[16];
        private int count;
        private boolean full;

        ContextExtents(MetaContext context) {
            this.context = context;
        }

        /** Whether more are wanted. */
        boolean add(long lengthBytes, Allocation allocation, int depth, int limit) {
            int status = status(allocation, depth);
            if (full) {
                return false;
            }
            if (count > 0 && statuses[count - 1] == status) {
                lengths[count - 1] += lengthBytes;
                return true;
            }
            if (count == limit) {
                full = true;
                return false;
            }
            if (count == lengths.length) {
                lengths = Arrays.copyOf(lengths, count * 2);
                statuses = Arrays.copyOf(statuses, count * 2);
            }
            lengths[count] = lengthBytes;
            statuses[count] = status;
            count++;
            return true;
        }

        private int status(Allocation allocation, int depth) {
            return switch (context) {
                case ALLOCATION_DEPTH -> depth;
                case BASE_ALLOCATION ->
                    switch (allocation) {
                        case DATA -> 0;
                        case HOLE -> BlockStatusFlags.HOLE | BlockStatusFlags.ZERO;
                    };
            };
        }

        void writeTo(ByteBuf out, ReplyForm form, Request request, boolean last) {
            form.statusChunk(out, request, context.id(), count, last);
            for (int i = 0; i < count; i++) {
                form.statusExtent(out, lengths[i], statuses[i]);
            }
        }
    }
}
