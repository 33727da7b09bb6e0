package io.qedstore.qed.alloc;

import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * What the backing file holds around a write whose ends lie inside clusters that have no data of their own yet.
 *
 * @param head bytes from the start of the first cluster to the request's first byte; null if not needed
 * @param tail bytes from the request's end to the end of its last cluster; null if not needed
 */
public record CopyOnWrite(
        @Nullable ByteBuffer head, @Nullable ByteBuffer tail) {
    public static final CopyOnWrite NONE = new CopyOnWrite(null, null);
}
