package io.qedstore.nbd.client;

import io.netty.buffer.ByteBuf;
import io.qedstore.device.Allocation;
import io.qedstore.device.BlockStatusSink;
import io.qedstore.nbd.wire.BlockStatusFlags;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.Queue;
import org.jspecify.annotations.Nullable;

/** Makes stretches of what two contexts say side by side, as far as both say something. */
final class StatusAnswer extends Answer {
    private static final int EXTENT_BYTES = 2 * Long.BYTES;

    private final Contexts contexts;
    private final BlockStatusSink sink;
    private final long lengthBytes;
    private final Map<Integer, Queue<Extent>> said = new HashMap<>();

    /**
     * The contexts' numbers on this connection.
     *
     * @param depth null if the server has none
     */
    record Contexts(int allocation, @Nullable Integer depth) {}

    private record Extent(long lengthBytes, long status) {}

    StatusAnswer(Contexts contexts, BlockStatusSink sink, long lengthBytes) {
        this.contexts = contexts;
        this.sink = sink;
        this.lengthBytes = lengthBytes;
    }

    @Override
    void status(int contextId, ByteBuf extents) throws ServerBreachException {
        boolean isSelected =
                contextId == contexts.allocation() || Integer.valueOf(contextId).equals(contexts.depth());
        if (!isSelected || said.containsKey(contextId)) {
            throw new ServerBreachException(
                    "block status of context " + contextId + ", which was not selected, or again");
        }
        Queue<Extent> found = new ArrayDeque<>(extents.readableBytes() / EXTENT_BYTES);
        while (extents.isReadable()) {
            Extent extent = new Extent(extents.readLong(), extents.readLong());
            if (extent.lengthBytes() < 1) {
                throw new ServerBreachException(
                        "a stretch of " + Long.toUnsignedString(extent.lengthBytes()) + " bytes");
            }
            found.add(extent);
        }
        said.put(contextId, found);
    }

    @Override
    void end() throws ServerBreachException {
        Queue<Extent> allocations = said.get(contexts.allocation());
        if (allocations == null || allocations.isEmpty()) {
            throw new ServerBreachException("block status has ended and said nothing");
        }
        Integer depthId = contexts.depth();
        Queue<Extent> depths = depthId == null ? null : said.get(depthId);
        give(allocations, depths == null ? new ArrayDeque<>() : depths, depths != null);
    }

    private void give(Queue<Extent> allocations, Queue<Extent> depths, boolean hasDepths) {
        Extent allocation = allocations.poll();
        Extent depth = depths.poll();
        long left = lengthBytes;
        boolean wanted = true;
        while (wanted && left > 0 && allocation != null && (depth != null || !hasDepths)) {
            long common =
                    depth == null ? allocation.lengthBytes() : Math.min(allocation.lengthBytes(), depth.lengthBytes());
            long length = Math.min(left, common);
            Allocation kind = (allocation.status() & BlockStatusFlags.HOLE) != 0 ? Allocation.HOLE : Allocation.DATA;
            int layer = depth != null ? (int) depth.status() : kind == Allocation.DATA ? 1 : 0;
            wanted = sink.extent(length, kind, layer);
            left -= length;
            allocation = rest(allocation, length, allocations);
            depth = depth == null ? null : rest(depth, length, depths);
        }
    }

    private static @Nullable Extent rest(Extent of, long given, Queue<Extent> others) {
        return of.lengthBytes() == given ? others.poll() : new Extent(of.lengthBytes() - given, of.status());
    }
}
