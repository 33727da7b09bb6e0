package io.qedstore.event;

import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.qedstore.log.v1.EventProto;
import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.change.QedChange;
import org.jspecify.annotations.Nullable;

/** Changes of the file as messages. */
final class ChangeCodec {
    /** More table entries than any table has: 16 clusters of 1 MiB. */
    private static final int MAX_ENTRIES = 2 << 20;

    private ChangeCodec() {}

    /** Any change but one that carries data: {@link DataField} is for those. */
    static EventProto.Change toProto(QedChange change) {
        EventProto.Change.Builder message = EventProto.Change.newBuilder();
        if (change instanceof QedChange.L2EntriesSet set) {
            message.setL2EntriesSet(EventProto.L2EntriesSet.newBuilder()
                    .setFileOffset(set.fileOffset())
                    .setEntries(toProto(set.entries())));
        } else if (change instanceof QedChange.L2TableWritten table) {
            message.setL2TableWritten(EventProto.L2TableWritten.newBuilder()
                    .setFileOffset(table.fileOffset())
                    .setTableBytes(table.tableBytes())
                    .setIndex(table.index())
                    .setEntries(toProto(table.entries())));
        } else if (change instanceof QedChange.L1EntrySet set) {
            message.setL1EntrySet(EventProto.L1EntrySet.newBuilder()
                    .setFileOffset(set.fileOffset())
                    .setEntry(set.entry()));
        } else if (change instanceof QedChange.RangeZeroed zeroed) {
            message.setRangeZeroed(EventProto.RangeZeroed.newBuilder()
                    .setFileOffset(zeroed.fileOffset())
                    .setLengthBytes(zeroed.lengthBytes()));
        } else if (change instanceof QedChange.HeaderWritten written) {
            message.setHeaderWritten(EventProto.HeaderWritten.newBuilder()
                    .setHeader(UnsafeByteOperations.unsafeWrap(written.bytes().duplicate())));
        } else if (change instanceof QedChange.FileLengthSet set) {
            message.setFileLengthSet(EventProto.FileLengthSet.newBuilder().setLengthBytes(set.lengthBytes()));
        } else {
            throw new IllegalArgumentException("no message for " + change.getClass());
        }
        return message.build();
    }

    private static EventProto.EntryRun toProto(EntryRun run) {
        return EventProto.EntryRun.newBuilder()
                .setCount(run.count())
                .setFirst(run.first())
                .setStep(run.step())
                .build();
    }

    /**
     * @return null if it is of a kind, or has a part, that this version does not know
     * @throws IllegalArgumentException if it makes no sense
     */
    static @Nullable QedChange fromProto(EventProto.Change message) {
        if (hasUnknownFields(message)) {
            return null;
        }
        return switch (message.getChangeCase()) {
            case FILE_LENGTH_SET -> {
                EventProto.FileLengthSet set = message.getFileLengthSet();
                yield hasUnknownFields(set) ? null : new QedChange.FileLengthSet(set.getLengthBytes());
            }
            case HEADER_WRITTEN -> {
                EventProto.HeaderWritten written = message.getHeaderWritten();
                yield hasUnknownFields(written)
                        ? null
                        : new QedChange.HeaderWritten(Aliased.buffer(written.getHeader()));
            }
            case L1_ENTRY_SET -> {
                EventProto.L1EntrySet set = message.getL1EntrySet();
                yield hasUnknownFields(set) ? null : new QedChange.L1EntrySet(set.getFileOffset(), set.getEntry());
            }
            case L2_ENTRIES_SET -> {
                EventProto.L2EntriesSet set = message.getL2EntriesSet();
                yield hasUnknownFields(set) || hasUnknownFields(set.getEntries())
                        ? null
                        : new QedChange.L2EntriesSet(set.getFileOffset(), fromProto(set.getEntries()));
            }
            case L2_TABLE_WRITTEN -> {
                EventProto.L2TableWritten table = message.getL2TableWritten();
                yield hasUnknownFields(table) || hasUnknownFields(table.getEntries())
                        ? null
                        : new QedChange.L2TableWritten(
                                table.getFileOffset(),
                                table.getTableBytes(),
                                table.getIndex(),
                                fromProto(table.getEntries()));
            }
            case DATA_WRITTEN -> {
                EventProto.DataWritten written = message.getDataWritten();
                yield hasUnknownFields(written)
                        ? null
                        : new QedChange.DataWritten(written.getFileOffset(), Aliased.buffer(written.getData()));
            }
            case RANGE_ZEROED -> {
                EventProto.RangeZeroed zeroed = message.getRangeZeroed();
                yield hasUnknownFields(zeroed)
                        ? null
                        : new QedChange.RangeZeroed(zeroed.getFileOffset(), zeroed.getLengthBytes());
            }
            case CHANGE_NOT_SET -> null;
        };
    }

    private static EntryRun fromProto(EventProto.EntryRun run) {
        if (run.getCount() < 1 || run.getCount() > MAX_ENTRIES) {
            throw new IllegalArgumentException(
                    "a run of " + Integer.toUnsignedString(run.getCount()) + " entries, expected 1 to " + MAX_ENTRIES);
        }
        return new EntryRun(run.getCount(), run.getFirst(), run.getStep());
    }

    static boolean hasUnknownFields(Message message) {
        return !message.getUnknownFields().isEmpty();
    }
}
