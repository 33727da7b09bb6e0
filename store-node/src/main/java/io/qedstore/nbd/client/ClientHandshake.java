package io.qedstore.nbd.client;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelHandlerContext;
import io.netty.handler.codec.ByteToMessageDecoder;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslHandler;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.InfoType;
import io.qedstore.nbd.wire.Magic;
import io.qedstore.nbd.wire.NbdLimits;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.OptionReplyType;
import io.qedstore.nbd.wire.OptionRequests;
import io.qedstore.nbd.wire.TransmissionFlags;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.function.Supplier;
import javax.net.ssl.SSLEngine;
import javax.net.ssl.SSLParameters;

/**
 * The client's side of the negotiation, one option after another: TLS if it is wanted, extended headers, contexts, the export. Then a
 * {@link Connection} takes its place. Used by the connection's event loop.
 */
final class ClientHandshake extends ByteToMessageDecoder {
    private static final int GREETING_BYTES = 2 * Long.BYTES + Short.BYTES;
    private static final int REPLY_HEADER_BYTES = Long.BYTES + 3 * Integer.BYTES;
    private static final int MAX_REPLY_BYTES = 2 * Integer.BYTES + NbdLimits.MAX_STRING_BYTES;
    private static final int MAX_REPLIES = 64;
    private static final String ALLOCATION = "base:allocation";
    private static final String DEPTH = "qemu:allocation-depth";
    private static final int MIN_BLOCK_BYTES = 512;

    private final RemoteExport export;
    private final Supplier<SslContext> tls;
    private final CompletableFuture<RemoteDevice> opened;

    private boolean greeted;
    private NbdOption asked = NbdOption.EXTENDED_HEADERS;
    private int replies;
    private final Map<String, Integer> contexts = new HashMap<>();
    private long sizeBytes = -1;
    private int flags;
    private int preferredBlockBytes = MIN_BLOCK_BYTES;
    private String description = "";

    /**
     * @param tls asked only if the export wants TLS
     * @param opened completes with what comes of it
     */
    ClientHandshake(RemoteExport export, Supplier<SslContext> tls, CompletableFuture<RemoteDevice> opened) {
        this.export = export;
        this.tls = tls;
        this.opened = opened;
    }

    @Override
    protected void decode(ChannelHandlerContext context, ByteBuf in, List<Object> out) {
        try {
            if (!greeted) {
                greeting(context, in);
            } else if (in.readableBytes() >= REPLY_HEADER_BYTES) {
                reply(context, in);
            }
        } catch (IOException e) {
            in.skipBytes(in.readableBytes());
            fail(context, e);
        }
    }

    private void greeting(ChannelHandlerContext context, ByteBuf in) throws IOException {
        if (in.readableBytes() < GREETING_BYTES) {
            return;
        }
        if (in.readLong() != Magic.NBDMAGIC || in.readLong() != Magic.IHAVEOPT) {
            throw new ServerBreachException("it does not greet as an NBD server does");
        }
        int offered = in.readUnsignedShort();
        if ((offered & HandshakeFlags.FIXED_NEWSTYLE) == 0) {
            throw new ServerBreachException("it does not negotiate in the fixed newstyle");
        }
        greeted = true;
        ByteBuf out = context.alloc().directBuffer();
        out.writeInt(offered & HandshakeFlags.ALL);
        ask(context, out, export.tlsHost().isPresent() ? NbdOption.STARTTLS : NbdOption.EXTENDED_HEADERS);
    }

    private void ask(ChannelHandlerContext context, ByteBuf out, NbdOption option) {
        asked = option;
        replies = 0;
        switch (option) {
            case STARTTLS, EXTENDED_HEADERS -> OptionRequests.plain(out, option);
            case SET_META_CONTEXT -> OptionRequests.setMetaContexts(out, export.name(), List.of(ALLOCATION, DEPTH));
            case GO -> OptionRequests.go(out, export.name(), List.of(InfoType.BLOCK_SIZE, InfoType.DESCRIPTION));
            case EXPORT_NAME, ABORT, LIST, INFO, STRUCTURED_REPLY, LIST_META_CONTEXT ->
                throw new IllegalStateException(option + " is never asked for here");
        }
        context.writeAndFlush(out);
    }

    private void reply(ChannelHandlerContext context, ByteBuf in) throws IOException {
        int start = in.readerIndex();
        long magic = in.getLong(start);
        int option = in.getInt(start + Long.BYTES);
        int type = in.getInt(start + Long.BYTES + Integer.BYTES);
        long length = in.getUnsignedInt(start + Long.BYTES + 2 * Integer.BYTES);
        if (magic != Magic.OPTION_REPLY || option != asked.code()) {
            throw new ServerBreachException("what should be a reply to " + asked + " is none");
        }
        if (length > MAX_REPLY_BYTES || ++replies > MAX_REPLIES) {
            throw new ServerBreachException("reply " + replies + " to " + asked + " has " + length
                    + " bytes, expected at most " + MAX_REPLIES + " replies of " + MAX_REPLY_BYTES + " bytes");
        }
        if (in.readableBytes() < REPLY_HEADER_BYTES + length) {
            replies--; // it is looked at again
            return;
        }
        in.skipBytes(REPLY_HEADER_BYTES);
        ByteBuf data = in.readSlice((int) length);
        if (type < 0) {
            throw new ExportRefusedException(type, text(data));
        }
        if (type == OptionReplyType.ACK.code()) {
            acknowledged(context);
        } else if (type == OptionReplyType.META_CONTEXT.code() && data.readableBytes() >= Integer.BYTES) {
            int id = data.readInt();
            contexts.put(text(data), id);
        } else if (type == OptionReplyType.INFO.code() && data.readableBytes() >= Short.BYTES) {
            info(data.readUnsignedShort(), data);
        } else {
            throw new ServerBreachException("a reply of type " + type + " with " + length + " bytes to " + asked);
        }
    }

    private static String text(ByteBuf data) {
        return data.readCharSequence(data.readableBytes(), StandardCharsets.UTF_8)
                .toString();
    }

    private void info(int type, ByteBuf data) throws ServerBreachException {
        if (type == InfoType.EXPORT && data.readableBytes() == Long.BYTES + Short.BYTES) {
            sizeBytes = data.readLong();
            flags = data.readUnsignedShort();
        } else if (type == InfoType.BLOCK_SIZE && data.readableBytes() == 3 * Integer.BYTES) {
            data.skipBytes(Integer.BYTES);
            int preferred = data.readInt();
            preferredBlockBytes = Math.max(MIN_BLOCK_BYTES, Integer.highestOneBit(preferred & Integer.MAX_VALUE));
        } else if (type == InfoType.DESCRIPTION) {
            description = text(data);
        }
    }

    private void acknowledged(ChannelHandlerContext context) throws IOException {
        switch (asked) {
            case STARTTLS -> startTls(context);
            case EXTENDED_HEADERS -> ask(context, context.alloc().directBuffer(), NbdOption.SET_META_CONTEXT);
            case SET_META_CONTEXT -> ask(context, context.alloc().directBuffer(), NbdOption.GO);
            case GO -> transmit(context);
            case EXPORT_NAME, ABORT, LIST, INFO, STRUCTURED_REPLY, LIST_META_CONTEXT ->
                throw new IllegalStateException(asked + " is never asked for here");
        }
    }

    /** Shows this side's certificate and makes sure of the server's, and of its name. */
    private void startTls(ChannelHandlerContext context) throws IOException {
        if (actualReadableBytes() > 0) {
            throw new ServerBreachException("it says more in clear behind its consent to TLS");
        }
        String host = export.tlsHost().orElseThrow();
        SslHandler handler =
                tls.get().newHandler(context.alloc(), host, export.address().getPort());
        SSLEngine engine = handler.engine();
        SSLParameters parameters = engine.getSSLParameters();
        parameters.setEndpointIdentificationAlgorithm("HTTPS");
        engine.setSSLParameters(parameters);
        context.pipeline().addFirst(handler);
        handler.handshakeFuture().addListener(shaken -> {
            if (shaken.isSuccess()) {
                ask(context, context.alloc().directBuffer(), NbdOption.EXTENDED_HEADERS);
            } else {
                Throwable cause = shaken.cause();
                fail(context, new IOException("no TLS: " + cause.getMessage(), cause));
            }
        });
    }

    private void transmit(ChannelHandlerContext context) throws ServerBreachException {
        Integer allocation = contexts.get(ALLOCATION);
        if (sizeBytes < 0 || (flags & TransmissionFlags.HAS_FLAGS) == 0 || allocation == null) {
            throw new ServerBreachException(
                    "it lets requests come and has not said the export's size and its " + ALLOCATION + " context");
        }
        Connection connection = new Connection(context.channel(), export.toString());
        StatusAnswer.Contexts known = new StatusAnswer.Contexts(allocation, contexts.get(DEPTH));
        RemoteDevice device = new RemoteDevice(
                connection, new RemoteDevice.Greeting(sizeBytes, flags, preferredBlockBytes, description, known));
        context.pipeline().replace(this, "connection", connection);
        if (!opened.complete(device)) {
            device.cut(); // nobody wants it any more
        }
    }

    private void fail(ChannelHandlerContext context, IOException cause) {
        opened.completeExceptionally(said(cause));
        context.close();
    }

    /** With the export's name, but for what the server itself has said. */
    private IOException said(IOException cause) {
        return cause instanceof ExportRefusedException refused
                ? refused
                : new IOException(export + ": " + cause.getMessage(), cause);
    }

    @Override
    public void channelInactive(ChannelHandlerContext context) throws Exception {
        super.channelInactive(context);
        opened.completeExceptionally(new IOException(export + " closed the connection while it was being opened"));
    }

    @Override
    public void exceptionCaught(ChannelHandlerContext context, Throwable cause) {
        fail(context, cause instanceof IOException known ? known : new IOException(cause));
    }
}
