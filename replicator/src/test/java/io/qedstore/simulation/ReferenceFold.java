package io.qedstore.simulation;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.WireFormat;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A second fold, written from the rule and the wire format alone: it shares no line with the product's, reads fields by their
 * numbers, and keeps the file as an array of bytes.
 */
final class ReferenceFold {
    /**
     * The fold behind a record.
     *
     * @param status of the epoch: FREE, OPEN or BROKEN
     * @param leaseMillis of whoever opened it
     * @param othersMillis for how long one before may answer reads
     */
    record State(
            long sequence, String digest, long epoch, String status, String node, long leaseMillis, long othersMillis) {
        State ended(String how) {
            return new State(sequence, digest, epoch, how, node, leaseMillis, othersMillis);
        }
    }

    /** An event that counts. */
    record Applied(long sequence, long epoch, String stamp, List<byte[]> steps) {}

    private final boolean sha256;
    private final List<State> states = new ArrayList<>(); // index: the offset of the next record
    private final List<Applied> events = new ArrayList<>(); // index: sequence - 1
    private final List<byte[]> contents = new ArrayList<>(); // index: sequence

    ReferenceFold(boolean sha256) {
        this.sha256 = sha256;
        states.add(new State(0, "0".repeat(32), 0, "FREE", "", 0, 0));
        contents.add(new byte[0]);
    }

    int size() {
        return states.size() - 1;
    }

    State stateAt(long nextOffset) {
        return states.get(Math.toIntExact(nextOffset));
    }

    State last() {
        return states.get(states.size() - 1);
    }

    List<Applied> events() {
        return events;
    }

    byte[] contentAt(long sequence) {
        return contents.get(Math.toIntExact(sequence));
    }

    void add(byte[] record) {
        State before = last();
        Fields fields;
        try {
            fields = new Fields(record);
        } catch (IOException e) {
            states.add(before);
            return;
        }
        states.add(after(before, fields, record));
    }

    private State after(State before, Fields fields, byte[] record) {
        if (fields.claim != null) {
            return fields.epoch == before.epoch + 1 ? claimed(before, fields) : before;
        }
        if (!before.status.equals("OPEN") || fields.epoch != before.epoch) {
            return before;
        }
        if (fields.release != null) {
            return before.ended("FREE");
        }
        if (fields.lease) {
            return new State(before.sequence, before.digest, before.epoch, "OPEN", before.node, before.leaseMillis, 0);
        }
        if (fields.event == null || fields.sequence <= before.sequence) {
            return before;
        }
        if (fields.sequence != before.sequence + 1 || !fields.previous.equals(before.digest)) {
            return before.ended("BROKEN");
        }
        byte[] content = contentAt(before.sequence);
        for (byte[] change : fields.changes) {
            content = apply(content, change);
        }
        contents.add(content);
        events.add(new Applied(fields.sequence, fields.epoch, fields.stamp(), fields.changes));
        return new State(fields.sequence, digest(record), before.epoch, "OPEN", before.node, before.leaseMillis, 0);
    }

    private static State claimed(State before, Fields fields) {
        long others = 0;
        if (!before.status.equals("FREE")) {
            boolean same = before.node.equals(fields.node);
            others = same ? before.othersMillis : Math.max(before.leaseMillis, before.othersMillis);
        }
        return new State(before.sequence, before.digest, fields.epoch, "OPEN", fields.node, fields.leaseMillis, others);
    }

    private String digest(byte[] record) {
        if (sha256) {
            try {
                byte[] all = MessageDigest.getInstance("SHA-256").digest(record);
                return HexFormat.of().formatHex(all, 0, 16);
            } catch (NoSuchAlgorithmException e) {
                throw new IllegalStateException(e);
            }
        }
        var hash = com.dynatrace.hash4j.hashing.Hashing.xxh3_128().hashBytesTo128Bits(record);
        return HexFormat.of().toHexDigits(hash.getMostSignificantBits())
                + HexFormat.of().toHexDigits(hash.getLeastSignificantBits());
    }

    /** What the bytes of a file are after one change: a write of data (field 6) or zeros over a range (field 7). */
    static byte[] apply(byte[] content, byte[] change) {
        try {
            CodedInputStream in = CodedInputStream.newInstance(change);
            int field = WireFormat.getTagFieldNumber(in.readTag());
            CodedInputStream body = CodedInputStream.newInstance(in.readByteArray());
            long offset = 0;
            long length = 0;
            byte[] data = new byte[0];
            for (int tag = body.readTag(); tag != 0; tag = body.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> offset = body.readUInt64();
                    case 2 -> {
                        if (field == 6) {
                            data = body.readByteArray();
                            length = data.length;
                        } else {
                            length = body.readUInt64();
                            data = new byte[(int) length];
                        }
                    }
                    default -> throw new IllegalStateException("field " + tag);
                }
            }
            byte[] after = Arrays.copyOf(content, (int) Math.max(content.length, offset + length));
            System.arraycopy(data, 0, after, (int) offset, data.length);
            return after;
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A record's fields, by their numbers. */
    private static final class Fields {
        long epoch;
        byte @Nullable [] event;
        byte @Nullable [] claim;
        byte @Nullable [] release;
        boolean lease;
        String node = "";
        long leaseMillis;
        long sequence;
        String previous = "";
        final List<byte[]> changes = new ArrayList<>();

        Fields(byte[] record) throws IOException {
            CodedInputStream in = CodedInputStream.newInstance(record);
            int ids = 0;
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1, 2 -> ids += in.readBytes().size();
                    case 3 -> epoch = in.readUInt64();
                    case 4 -> event = in.readByteArray();
                    case 5 -> claim = in.readByteArray();
                    case 6 -> release = in.readByteArray();
                    case 7 -> {
                        lease = true;
                        in.readByteArray();
                    }
                    default -> in.skipField(tag);
                }
            }
            if (ids != 32) {
                throw new IOException("no record");
            }
            if (event != null) {
                readEvent(CodedInputStream.newInstance(event));
            }
            if (claim != null) {
                readClaim(CodedInputStream.newInstance(claim));
            }
        }

        private void readClaim(CodedInputStream in) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> node = in.readString();
                    case 4 -> leaseMillis = in.readUInt64();
                    default -> in.skipField(tag);
                }
            }
        }

        private void readEvent(CodedInputStream in) throws IOException {
            for (int tag = in.readTag(); tag != 0; tag = in.readTag()) {
                switch (WireFormat.getTagFieldNumber(tag)) {
                    case 1 -> sequence = in.readUInt64();
                    case 2 -> {
                        ByteString bytes = in.readBytes();
                        previous = HexFormat.of().formatHex(bytes.toByteArray());
                    }
                    case 8 -> changes.add(in.readByteArray());
                    default -> in.skipField(tag);
                }
            }
        }

        /** The first data that the event writes: the simulation never writes the same twice. */
        String stamp() {
            byte[] content = apply(new byte[0], changes.get(0));
            return HexFormat.of().formatHex(content, content.length - 8, content.length);
        }
    }
}
