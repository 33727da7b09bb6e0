package io.qedstore.nbd.client;

import io.qedstore.device.Completion;
import io.qedstore.device.Payload;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.Request;
import java.io.IOException;
import org.jspecify.annotations.Nullable;

/**
 * A request on its way to the server or back. Belongs to the connection's event loop once it was given to it.
 *
 * @param flags of {@link io.qedstore.nbd.wire.CommandFlags}
 * @param payload that goes with it; kept for it
 * @param answer takes what comes back
 */
record Outstanding(
        NbdCommand command,
        int flags,
        long offset,
        long length,
        @Nullable Payload payload,
        Answer answer,
        Completion completion) {

    Request header(long cookie) {
        return new Request(flags, command.code(), cookie, offset, length);
    }

    void failed(IOException cause) {
        completion.failed(cause);
    }
}
