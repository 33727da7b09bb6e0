package io.qedstore.nbd;

import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.NbdLimits;
import io.qedstore.nbd.wire.Request;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * Decides which requests are refused, and how: the one place for that. The order of its checks is part of what clients
 * see: command, flags, read-only, bounds.
 */
final class RequestValidator {
    private static final long MAX_EATEN_BYTES = 2L * NbdLimits.MAX_PAYLOAD_BYTES;

    /** A length and one context: without any there would be nothing to answer. */
    private static final int MIN_STATUS_PAYLOAD_BYTES = Long.BYTES + Integer.BYTES;

    private static final int MAX_STATUS_PAYLOAD_BYTES = 4096;

    private final Session session;
    private final boolean readOnly;

    RequestValidator(Session session) {
        this.session = session;
        this.readOnly = session.export().device().isReadOnly();
    }

    /** How many bytes follow the header, whatever becomes of the request. */
    long payloadBytes(Request request) {
        boolean carries = session.hasExtendedHeaders()
                ? request.has(CommandFlags.PAYLOAD_LEN)
                : request.commandCode() == NbdCommand.WRITE.code();
        return carries ? request.length() : 0;
    }

    /**
     * Whether so long a payload is read at all, to answer the request with an error at least. If not, the connection ends: in
     * the compact form a little more than what is allowed may be a mistake, in the extended form the client knows better.
     */
    boolean isEdible(long payloadBytes) {
        long limit = session.hasExtendedHeaders() ? NbdLimits.MAX_PAYLOAD_BYTES : MAX_EATEN_BYTES;
        return Long.compareUnsigned(payloadBytes, limit) <= 0;
    }

    /**
     * Looks at everything but the payload's content.
     *
     * @param command what the request's code means; null if nothing
     * @return null if the request can be carried out
     */
    @Nullable
    Refusal check(Request request, @Nullable NbdCommand command) {
        if (command == null || command == NbdCommand.RESIZE) {
            return invalid("command " + request.commandCode() + " is not known here");
        }
        int unknown = request.flags() & ~validFlags(command);
        if (unknown != 0) {
            return invalid("flags 0x" + Integer.toHexString(unknown) + " do not go with " + name(command));
        }
        if (command == NbdCommand.WRITE && session.hasExtendedHeaders() && !request.has(CommandFlags.PAYLOAD_LEN)) {
            return invalid("an extended write needs the payload flag");
        }
        if (readOnly && command.changes()) {
            return new Refusal(NbdErrno.EPERM, "export '" + session.export().name() + "' is read-only");
        }
        return checkRange(request, command);
    }

    private int validFlags(NbdCommand command) {
        int chunks = session.form().hasChunks() ? CommandFlags.DF : 0;
        int payload = session.hasExtendedHeaders() ? CommandFlags.PAYLOAD_LEN : 0;
        return CommandFlags.FUA
                | switch (command) {
                    case READ -> chunks;
                    case WRITE -> payload;
                    case WRITE_ZEROES -> CommandFlags.NO_HOLE | CommandFlags.FAST_ZERO;
                    case BLOCK_STATUS ->
                        CommandFlags.REQ_ONE | (session.contexts().isEmpty() ? 0 : payload);
                    case DISC, FLUSH, TRIM, CACHE, RESIZE -> 0;
                };
    }

    private @Nullable Refusal checkRange(Request request, NbdCommand command) {
        return switch (command) {
            case DISC, FLUSH, RESIZE -> null;
            case READ, WRITE -> {
                boolean tooLong = Long.compareUnsigned(request.length(), NbdLimits.MAX_PAYLOAD_BYTES) > 0;
                yield tooLong
                        ? invalid(name(command) + " of " + Long.toUnsignedString(request.length())
                                + " bytes, expected at most " + NbdLimits.MAX_PAYLOAD_BYTES)
                        : checkBounds(request.offset(), request.length(), command);
            }
            case TRIM, CACHE, WRITE_ZEROES -> checkBounds(request.offset(), request.length(), command);
            case BLOCK_STATUS ->
                session.contexts().isEmpty()
                        ? invalid("no context was selected for block status")
                        : request.has(CommandFlags.PAYLOAD_LEN)
                                ? checkStatusPayload(request.length()) // the range is in it
                                : checkStatusRange(request.offset(), request.length());
        };
    }

    private static @Nullable Refusal checkStatusPayload(long length) {
        boolean plausible =
                length >= MIN_STATUS_PAYLOAD_BYTES && length <= MAX_STATUS_PAYLOAD_BYTES && length % Integer.BYTES == 0;
        return plausible
                ? null
                : invalid("a block status payload of " + Long.toUnsignedString(length) + " bytes, expected 8 and 4 for"
                        + " each context, " + MAX_STATUS_PAYLOAD_BYTES + " at most");
    }

    /** The range of a block status, which must hold something. */
    @Nullable
    Refusal checkStatusRange(long offset, long length) {
        return length == 0 ? invalid("block status of 0 bytes") : checkBounds(offset, length, NbdCommand.BLOCK_STATUS);
    }

    private @Nullable Refusal checkBounds(long offset, long length, NbdCommand command) {
        long size = session.sizeBytes();
        boolean inside = Long.compareUnsigned(offset, size) <= 0 && Long.compareUnsigned(length, size - offset) <= 0;
        if (inside) {
            return null;
        }
        boolean wantsSpace = command == NbdCommand.WRITE || command == NbdCommand.WRITE_ZEROES;
        return new Refusal(
                wantsSpace ? NbdErrno.ENOSPC : NbdErrno.EINVAL,
                name(command) + " of " + Long.toUnsignedString(length) + " bytes at " + Long.toUnsignedString(offset)
                        + " leaves export '" + session.export().name() + "', which has " + size + " bytes");
    }

    static Refusal invalid(String text) {
        return new Refusal(NbdErrno.EINVAL, text);
    }

    private static String name(NbdCommand command) {
        return command.name().toLowerCase(Locale.ROOT).replace('_', ' ');
    }
}
