package io.qedstore.faults;

import java.io.BufferedInputStream;
import java.io.Closeable;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/**
 * An NBD client with simple replies; it shares no line with the server. One thread may send while another receives. What cannot be
 * done is an {@link IOException}.
 */
final class PlainNbdClient implements Closeable {
    static final int READ = 0;
    static final int WRITE = 1;
    static final int FLUSH = 3;
    static final int TRIM = 4;
    static final int WRITE_ZEROES = 6;

    /** A flag of a request. */
    static final int FUA = 1;

    /** Another, of zeros that are to hold their space. */
    static final int NO_HOLE = 2;

    private static final long MAGIC = 0x4e42444d41474943L;
    private static final long OPTION_MAGIC = 0x49484156454F5054L;
    private static final long REPLY_MAGIC = 0x3e889045565a9L;
    private static final int FLAGS = 3; // fixed newstyle, no zeroes
    private static final int GO = 7;
    private static final int ACK = 1;
    private static final int CONNECT_MS = 30_000;

    private final Socket socket = new Socket();
    private final DataInputStream in;
    private final DataOutputStream out;

    /** @param uri {@code nbd://host:port/name} */
    PlainNbdClient(String uri) throws IOException {
        URI parsed = URI.create(uri);
        boolean connected = false;
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(parsed.getHost(), parsed.getPort()), CONNECT_MS);
            in = new DataInputStream(new BufferedInputStream(socket.getInputStream(), 1 << 17));
            out = new DataOutputStream(socket.getOutputStream());
            negotiate(parsed.getPath().substring(1));
            connected = true;
        } finally {
            if (!connected) {
                socket.close();
            }
        }
    }

    private void negotiate(String name) throws IOException {
        require(in.readLong() == MAGIC && in.readLong() == OPTION_MAGIC, "a server of NBD");
        in.readUnsignedShort();
        out.writeInt(FLAGS);
        byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
        out.writeLong(OPTION_MAGIC);
        out.writeInt(GO);
        out.writeInt(4 + bytes.length + 2);
        out.writeInt(bytes.length);
        out.write(bytes);
        out.writeShort(0);
        out.flush();
        while (true) {
            require(in.readLong() == REPLY_MAGIC, "a reply to an option");
            in.readInt();
            int type = in.readInt();
            byte[] data = new byte[in.readInt()];
            in.readFully(data);
            if (type == ACK) {
                return;
            }
            if (type < 0) {
                throw new IOException("the server refuses '" + name + "': " + new String(data, StandardCharsets.UTF_8));
            }
        }
    }

    private static void require(boolean condition, String expected) throws IOException {
        if (!condition) {
            throw new IOException("expected " + expected);
        }
    }

    /** Sends a request; its data follows, if it has any. */
    void send(int command, int flags, long cookie, long offset, int length, byte[] data) throws IOException {
        byte[] header = new byte[28];
        java.nio.ByteBuffer.wrap(header)
                .putInt(0x25609513)
                .putShort((short) flags)
                .putShort((short) command)
                .putLong(cookie)
                .putLong(offset)
                .putInt(length);
        synchronized (out) {
            out.write(header);
            out.write(data);
            out.flush();
        }
    }

    /**
     * A reply.
     *
     * @param error 0 if it was done
     */
    record Reply(long cookie, int error) {}

    /** Waits for the next reply; the data of one that is of a read has to be received behind it. */
    Reply receive() throws IOException {
        require(in.readInt() == 0x67446698, "a simple reply");
        int error = in.readInt();
        return new Reply(in.readLong(), error);
    }

    byte[] read(long offset, int length) throws IOException {
        send(READ, 0, 0, offset, length, new byte[0]);
        Reply reply = receive();
        require(reply.error() == 0, "a read without error, found " + reply.error());
        byte[] data = new byte[length];
        in.readFully(data);
        return data;
    }

    /** Says nothing to the server. */
    @Override
    public void close() throws IOException {
        socket.close();
    }
}
