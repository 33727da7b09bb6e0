package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import org.jspecify.annotations.Nullable;

/**
 * A request that has arrived in full.
 *
 * @param command null only where there is a refusal
 * @param payload released by whoever takes the request; null where there was none, or it was thrown away
 * @param chargedBytes of the budget that the payload holds already; whoever takes the request gives them back
 * @param refusal null if the request can be carried out
 */
record IncomingRequest(
        Request header,
        @Nullable NbdCommand command,
        @Nullable ByteBuf payload,
        long chargedBytes,
        @Nullable Refusal refusal) {}
