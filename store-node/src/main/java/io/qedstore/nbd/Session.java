package io.qedstore.nbd;

import io.qedstore.device.BlockDevice;
import io.qedstore.device.DurabilityScope;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.TransmissionFlags;
import java.util.Set;

/**
 * What a handshake has agreed on.
 *
 * @param sizeBytes of the export, as the client was told
 * @param contexts selected for block status; empty unless replies have chunks
 */
record Session(Export export, long sizeBytes, ReplyForm form, Set<MetaContext> contexts) {
    Session {
        contexts = Set.copyOf(contexts);
    }

    boolean hasExtendedHeaders() {
        return form == ReplyForm.EXTENDED;
    }

    /** What the client is told that it may do. */
    int transmissionFlags() {
        BlockDevice device = export.device();
        int flags = TransmissionFlags.HAS_FLAGS
                | TransmissionFlags.SEND_FLUSH
                | TransmissionFlags.SEND_FUA
                | TransmissionFlags.SEND_CACHE;
        flags |= device.isReadOnly()
                ? TransmissionFlags.READ_ONLY
                : TransmissionFlags.SEND_TRIM | TransmissionFlags.SEND_WRITE_ZEROES | TransmissionFlags.SEND_FAST_ZERO;
        if (form.hasChunks()) {
            flags |= TransmissionFlags.SEND_DF;
        }
        if (device.durabilityScope() == DurabilityScope.DEVICE) {
            flags |= TransmissionFlags.CAN_MULTI_CONN;
        }
        if (hasExtendedHeaders() && !contexts.isEmpty()) {
            flags |= TransmissionFlags.BLOCK_STATUS_PAYLOAD;
        }
        return flags;
    }
}
