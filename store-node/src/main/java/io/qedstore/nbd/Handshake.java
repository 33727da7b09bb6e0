package io.qedstore.nbd;

import io.netty.buffer.ByteBuf;
import io.qedstore.device.BlockDevice;
import io.qedstore.nbd.HandshakeOutcome.Close;
import io.qedstore.nbd.HandshakeOutcome.NextOption;
import io.qedstore.nbd.HandshakeOutcome.StartTls;
import io.qedstore.nbd.HandshakeOutcome.Transmit;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.InfoType;
import io.qedstore.nbd.wire.MalformedOptionException;
import io.qedstore.nbd.wire.NbdLimits;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionData;
import io.qedstore.nbd.wire.OptionReplies;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.ReplyForm;
import java.io.IOException;
import java.util.Optional;
import java.util.Set;
import java.util.function.BooleanSupplier;
import org.jspecify.annotations.Nullable;

/**
 * The negotiation on one connection, option by option: fixed newstyle, by the protocol document's section on it. It sees
 * whole options and fills replies; bytes on the way are {@link HandshakeHandler}'s. Used by one thread at a time.
 */
final class Handshake {
    private static final int MIN_BLOCK_BYTES = 1;

    private final Exports exports;
    private final TlsMode tlsMode;
    private final BooleanSupplier shuttingDown;

    private int clientFlags;
    private boolean tls;
    private ReplyForm form = ReplyForm.SIMPLE;
    private @Nullable ContextSelection selection;

    /** Contexts count for the export of the name that they were selected for, and no other; it may be another object by then. */
    private record ContextSelection(String export, Set<MetaContext> contexts) {}

    Handshake(Exports exports, TlsMode tlsMode, BooleanSupplier shuttingDown) {
        this.exports = exports;
        this.tlsMode = tlsMode;
        this.shuttingDown = shuttingDown;
    }

    /** Takes the client's flags; false if they break the protocol and the connection must end. */
    boolean clientFlags(int flags) {
        clientFlags = flags;
        return (flags & ~HandshakeFlags.ALL) == 0;
    }

    /** TLS is on: nothing that was agreed before counts any more. */
    void tlsStarted() {
        tls = true;
        form = ReplyForm.SIMPLE;
        selection = null;
    }

    /** Whether the client may send anything but EXPORT_NAME. */
    private boolean isFixedNewstyle() {
        return (clientFlags & HandshakeFlags.FIXED_NEWSTYLE) != 0;
    }

    /**
     * Answers an option that was longer than is read here; its data are gone.
     *
     * @param out takes the reply
     */
    HandshakeOutcome oversized(int code, ByteBuf out) {
        NbdOption option = NbdOption.of(code);
        HandshakeOutcome barred = barred(option, code, out);
        if (barred != null || option == null) {
            return barred == null ? new Close() : barred;
        }
        if (option == NbdOption.ABORT) {
            return abort(out);
        }
        if (option == NbdOption.SET_META_CONTEXT) {
            selection = null;
        }
        return refuse(option, OptionReplyType.ERR_TOO_BIG, "the option's data are too long", out);
    }

    /** Refuses what this client may not ask now, whatever the option carries; null if it may. */
    private @Nullable HandshakeOutcome barred(@Nullable NbdOption option, int code, ByteBuf out) {
        if (!isFixedNewstyle() && option != NbdOption.EXPORT_NAME) {
            return new Close();
        }
        if (tlsMode == TlsMode.REQUIRED && !tls && option != NbdOption.STARTTLS && option != NbdOption.ABORT) {
            OptionReplies.error(
                    out, code, OptionReplyType.ERR_TLS_REQD, "this server takes nothing but STARTTLS without TLS");
            return option == NbdOption.EXPORT_NAME ? closeWithoutReply(out) : new NextOption();
        }
        if (shuttingDown.getAsBoolean() && option != NbdOption.ABORT) {
            OptionReplies.error(out, code, OptionReplyType.ERR_SHUTDOWN, "this server is shutting down");
            return option == NbdOption.EXPORT_NAME ? closeWithoutReply(out) : new NextOption();
        }
        if (option == null) {
            OptionReplies.error(out, code, OptionReplyType.ERR_UNSUP, "option " + code + " is not known here");
            return new NextOption();
        }
        return null;
    }

    private static HandshakeOutcome abort(ByteBuf out) {
        OptionReplies.ack(out, NbdOption.ABORT.code());
        return new Close();
    }

    /**
     * Answers one option.
     *
     * @param out takes the reply
     */
    HandshakeOutcome option(int code, ByteBuf data, ByteBuf out) {
        NbdOption option = NbdOption.of(code);
        HandshakeOutcome barred = barred(option, code, out);
        if (barred != null || option == null) {
            return barred == null ? new Close() : barred;
        }
        try {
            return answer(option, data, out);
        } catch (MalformedOptionException e) {
            return refuse(option, OptionReplyType.ERR_INVALID, String.valueOf(e.getMessage()), out);
        } catch (IOException e) {
            return refuse(option, OptionReplyType.ERR_UNKNOWN, unopened(e), out);
        }
    }

    private HandshakeOutcome answer(NbdOption option, ByteBuf data, ByteBuf out)
            throws MalformedOptionException, IOException {
        return switch (option) {
            case EXPORT_NAME -> exportName(data, out);
            case ABORT -> abort(out);
            case LIST -> list(data, out);
            case STARTTLS -> startTls(data, out);
            case INFO, GO -> infoOrGo(option, data, out);
            case STRUCTURED_REPLY -> structuredReply(data, out);
            case LIST_META_CONTEXT, SET_META_CONTEXT -> metaContexts(option, data, out);
            case EXTENDED_HEADERS -> {
                OptionData.requireEmpty(data);
                form = ReplyForm.EXTENDED;
                OptionReplies.ack(out, option.code());
                yield new NextOption();
            }
        };
    }

    private static HandshakeOutcome refuse(NbdOption option, OptionReplyType type, String text, ByteBuf out) {
        if (option == NbdOption.EXPORT_NAME) {
            return closeWithoutReply(out); // the option has no way to say no
        }
        OptionReplies.error(out, option.code(), type, text);
        return new NextOption();
    }

    /**
     * Answers an option that would have led to requests, and must not, as somebody else writes to the export.
     *
     * @param out takes the reply; what it holds is not said any more
     */
    static HandshakeOutcome held(Transmit transmit, AlreadyAttachedException cause, ByteBuf out) {
        String name = transmit.session().export().name();
        return refuse(transmit.option(), OptionReplyType.ERR_POLICY, cause.advice(name), out.clear());
    }

    /**
     * Answers an option that would have led to requests, and must not, as they cannot be carried out.
     *
     * @param out takes the reply; what it holds is not said any more
     */
    static HandshakeOutcome unserved(Transmit transmit, IOException cause, ByteBuf out) {
        return refuse(transmit.option(), OptionReplyType.ERR_UNKNOWN, unopened(cause), out.clear());
    }

    private static String unopened(IOException cause) {
        return "the export cannot be opened: " + cause.getMessage();
    }

    private static HandshakeOutcome closeWithoutReply(ByteBuf out) {
        out.clear();
        return new Close();
    }

    private HandshakeOutcome exportName(ByteBuf data, ByteBuf out) throws MalformedOptionException, IOException {
        Optional<Export> export = exports.find(OptionData.name(data));
        if (export.isEmpty() || isHidden(export.get().reach()) || form == ReplyForm.EXTENDED) {
            return closeWithoutReply(out);
        }
        Session session = session(export.get());
        boolean noZeroes = (clientFlags & HandshakeFlags.NO_ZEROES) != 0;
        OptionReplies.exportNameReply(out, session.sizeBytes(), session.transmissionFlags(), noZeroes);
        return new Transmit(session, NbdOption.EXPORT_NAME);
    }

    private Session session(Export export) {
        boolean selected = selection != null && selection.export().equals(export.name());
        return new Session(
                export,
                export.device().sizeBytes(),
                form,
                selected && selection != null ? selection.contexts() : Set.of());
    }

    /** Whether this client must not know of the export before it uses TLS. */
    private boolean isHidden(Export.Reach reach) {
        return !tls && tlsMode != TlsMode.OFF && reach == Export.Reach.TLS_ONLY;
    }

    private HandshakeOutcome list(ByteBuf data, ByteBuf out) throws MalformedOptionException, IOException {
        OptionData.requireEmpty(data);
        for (Exports.Listed export : exports.list()) {
            if (!isHidden(export.reach())) {
                OptionReplies.server(out, NbdOption.LIST.code(), export.name(), export.description());
            }
        }
        OptionReplies.ack(out, NbdOption.LIST.code());
        return new NextOption();
    }

    private HandshakeOutcome startTls(ByteBuf data, ByteBuf out) throws MalformedOptionException {
        NbdOption option = NbdOption.STARTTLS;
        OptionData.requireEmpty(data);
        if (tls) {
            return refuse(option, OptionReplyType.ERR_INVALID, "TLS is on already", out);
        }
        if (tlsMode == TlsMode.OFF) {
            return refuse(option, OptionReplyType.ERR_POLICY, "this server has TLS switched off", out);
        }
        OptionReplies.ack(out, option.code());
        return new StartTls();
    }

    private HandshakeOutcome structuredReply(ByteBuf data, ByteBuf out) throws MalformedOptionException {
        NbdOption option = NbdOption.STRUCTURED_REPLY;
        OptionData.requireEmpty(data);
        if (form == ReplyForm.EXTENDED) {
            return refuse(
                    option,
                    OptionReplyType.ERR_EXT_HEADER_REQD,
                    "extended headers were agreed on, which imply more than structured replies",
                    out);
        }
        form = ReplyForm.STRUCTURED;
        OptionReplies.ack(out, option.code());
        return new NextOption();
    }

    private HandshakeOutcome infoOrGo(NbdOption option, ByteBuf data, ByteBuf out)
            throws MalformedOptionException, IOException {
        OptionData.ExportInfoRequest asked = OptionData.exportInfo(data);
        Optional<Export> export = visible(asked.exportName(), option, out);
        if (export.isEmpty()) {
            return new NextOption();
        }
        Session session = session(export.get());
        info(option, session, asked, out);
        OptionReplies.ack(out, option.code());
        return option == NbdOption.GO ? new Transmit(session, option) : new NextOption();
    }

    private static void info(NbdOption option, Session session, OptionData.ExportInfoRequest asked, ByteBuf out) {
        Export export = session.export();
        BlockDevice device = export.device();
        OptionReplies.exportInfo(out, option.code(), session.sizeBytes(), session.transmissionFlags());
        OptionReplies.blockSizeInfo(
                out,
                option.code(),
                MIN_BLOCK_BYTES,
                Math.min(device.preferredBlockBytes(), NbdLimits.MAX_PAYLOAD_BYTES),
                NbdLimits.MAX_PAYLOAD_BYTES);
        if (asked.infoTypes().contains(InfoType.NAME)) {
            OptionReplies.textInfo(out, option.code(), InfoType.NAME, export.name());
        }
        if (asked.infoTypes().contains(InfoType.DESCRIPTION)
                && !export.description().isEmpty()) {
            OptionReplies.textInfo(out, option.code(), InfoType.DESCRIPTION, export.description());
        }
    }

    /** The export, or none after the reply has said why not. */
    private Optional<Export> visible(String name, NbdOption option, ByteBuf out) throws IOException {
        Optional<Export> export = exports.find(name);
        if (export.isEmpty()) {
            refuse(option, OptionReplyType.ERR_UNKNOWN, "there is no export '" + name + "' here", out);
        } else if (isHidden(export.get().reach())) {
            refuse(option, OptionReplyType.ERR_TLS_REQD, "the export '" + name + "' is for clients that use TLS", out);
            return Optional.empty();
        }
        return export;
    }

    private HandshakeOutcome metaContexts(NbdOption option, ByteBuf data, ByteBuf out)
            throws MalformedOptionException, IOException {
        boolean set = option == NbdOption.SET_META_CONTEXT;
        if (set) {
            selection = null; // also if this fails
        }
        if (set && !form.hasChunks()) {
            return refuse(
                    option, OptionReplyType.ERR_INVALID, "structured replies or extended headers come first", out);
        }
        OptionData.MetaContextRequest asked = OptionData.metaContexts(data);
        Optional<Export> export = visible(asked.exportName(), option, out);
        if (export.isEmpty()) {
            return new NextOption();
        }
        Set<MetaContext> contexts = set ? MetaContext.selected(asked.queries()) : MetaContext.listed(asked.queries());
        for (MetaContext context : contexts) {
            OptionReplies.metaContext(out, option.code(), set ? context.id() : 0, context.contextName());
        }
        OptionReplies.ack(out, option.code());
        if (set) {
            selection = new ContextSelection(export.get().name(), contexts);
        }
        return new NextOption();
    }
}
