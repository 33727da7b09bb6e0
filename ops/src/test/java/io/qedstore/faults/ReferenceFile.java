package io.qedstore.faults;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import io.qedstore.log.v1.EventProto;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;

/**
 * The file that a log's records make, by a second fold: it is written from {@code event.proto} and the rule of what counts alone,
 * shares no line with the product's, and keeps the file as an array of bytes. One thread.
 */
final class ReferenceFile {
    private static final ByteString NO_DIGEST = ByteString.copyFrom(new byte[16]);

    private byte[] bytes = new byte[1 << 20];
    private int length;

    private long epoch;
    private boolean open;
    private long sequence;
    private ByteString digest = NO_DIGEST;
    private byte[] lastEvent = new byte[0];
    private int left;
    private final List<Long> times = new ArrayList<>(); // index: sequence - 1
    private final List<Long> claimTimes = new ArrayList<>();

    /** Takes the next record of the log. */
    void add(byte[] record) {
        EventProto.LogRecord message;
        try {
            message = EventProto.LogRecord.parseFrom(record);
        } catch (InvalidProtocolBufferException e) {
            left++;
            return;
        }
        boolean ofOpenEpoch = open && message.getEpoch() == epoch;
        boolean counts =
                switch (message.getBodyCase()) {
                    case CLAIM -> claimed(message);
                    case RELEASE -> {
                        open = open && !ofOpenEpoch;
                        yield ofOpenEpoch;
                    }
                    case LEASE -> ofOpenEpoch;
                    case EVENT -> ofOpenEpoch && happened(message.getEvent(), record);
                    case BODY_NOT_SET -> throw new AssertionError("a record of no kind: " + message);
                };
        left += counts ? 0 : 1;
    }

    private boolean claimed(EventProto.LogRecord message) {
        if (message.getEpoch() != epoch + 1) {
            return false;
        }
        epoch = message.getEpoch();
        open = true;
        claimTimes.add(message.getClaim().getTimeMicros());
        return true;
    }

    private boolean happened(EventProto.Event event, byte[] record) {
        if (event.getSequence() <= sequence) {
            return false;
        }
        if (event.getSequence() != sequence + 1 || !event.getPreviousDigest().equals(digest)) {
            open = false;
            return false;
        }
        event.getChangesList().forEach(this::apply);
        sequence++;
        digest = digest(record);
        lastEvent = record;
        times.add(event.getTimeMicros());
        return true;
    }

    private static ByteString digest(byte[] record) {
        var hash = com.dynatrace.hash4j.hashing.Hashing.xxh3_128().hashBytesTo128Bits(record);
        byte[] all = ByteBuffer.allocate(16)
                .putLong(hash.getMostSignificantBits())
                .putLong(hash.getLeastSignificantBits())
                .array();
        return ByteString.copyFrom(all);
    }

    // ---- the file

    private void apply(EventProto.Change change) {
        switch (change.getChangeCase()) {
            case FILE_LENGTH_SET -> {
                int to = Math.toIntExact(change.getFileLengthSet().getLengthBytes());
                if (to < length) {
                    Arrays.fill(bytes, to, length, (byte) 0);
                }
                length = 0;
                reachTo(to);
            }
            case HEADER_WRITTEN -> put(0, change.getHeaderWritten().getHeader());
            case L1_ENTRY_SET ->
                putEntry(
                        change.getL1EntrySet().getFileOffset(),
                        change.getL1EntrySet().getEntry());
            case L2_ENTRIES_SET ->
                putRun(
                        change.getL2EntriesSet().getFileOffset(),
                        change.getL2EntriesSet().getEntries());
            case L2_TABLE_WRITTEN -> {
                EventProto.L2TableWritten table = change.getL2TableWritten();
                zero(table.getFileOffset(), table.getTableBytes());
                putRun(table.getFileOffset() + 8L * table.getIndex(), table.getEntries());
            }
            case DATA_WRITTEN ->
                put(
                        change.getDataWritten().getFileOffset(),
                        change.getDataWritten().getData());
            case RANGE_ZEROED ->
                zero(
                        change.getRangeZeroed().getFileOffset(),
                        change.getRangeZeroed().getLengthBytes());
            case CHANGE_NOT_SET -> throw new AssertionError("a change of no kind: " + change);
        }
    }

    private void reachTo(long end) {
        if (end > bytes.length) {
            bytes = Arrays.copyOf(bytes, Math.toIntExact(2 * end));
        }
        length = Math.max(length, Math.toIntExact(end));
    }

    private void put(long offset, ByteString data) {
        reachTo(offset + data.size());
        data.copyTo(bytes, Math.toIntExact(offset));
    }

    private void zero(long offset, long count) {
        reachTo(offset + count);
        Arrays.fill(bytes, Math.toIntExact(offset), Math.toIntExact(offset + count), (byte) 0);
    }

    private void putRun(long offset, EventProto.EntryRun run) {
        for (int i = 0; i < run.getCount(); i++) {
            putEntry(offset + 8L * i, run.getFirst() + i * run.getStep());
        }
    }

    private void putEntry(long offset, long entry) {
        reachTo(offset + Long.BYTES);
        ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).putLong(Math.toIntExact(offset), entry);
    }

    // ---- what it is now

    /** Of the last event that counted. */
    long sequence() {
        return sequence;
    }

    long epoch() {
        return epoch;
    }

    /** How many records did not count. */
    int left() {
        return left;
    }

    /** What events say of when they were, the first one's first. */
    List<Long> timesMicros() {
        return times;
    }

    /** When epochs were opened, by the clocks of whoever opened them. */
    List<Long> claimTimesMicros() {
        return claimTimes;
    }

    /** An event that would be the next one, if its epoch were not over, and that would change the file. */
    byte[] late(long ofEpoch) {
        try {
            EventProto.LogRecord last = EventProto.LogRecord.parseFrom(lastEvent);
            EventProto.DataWritten data = EventProto.DataWritten.newBuilder()
                    .setFileOffset(length / 2)
                    .setData(ByteString.copyFrom(new byte[] {1, 2, 3, 4, 5, 6, 7, 8}))
                    .build();
            EventProto.Event event = EventProto.Event.newBuilder()
                    .setSequence(sequence + 1)
                    .setPreviousDigest(digest)
                    .setTimeMicros(last.getEvent().getTimeMicros())
                    .addChanges(EventProto.Change.newBuilder().setDataWritten(data))
                    .build();
            return last.toBuilder().setEpoch(ofEpoch).setEvent(event).build().toByteArray();
        } catch (InvalidProtocolBufferException e) {
            throw new IllegalStateException("expected an event to be there", e);
        }
    }

    String sha256() {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            sha256.update(bytes, 0, length);
            return HexFormat.of().formatHex(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }
}
