package io.qedstore.event;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedInputStream;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Message;
import com.google.protobuf.UnsafeByteOperations;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.LogRecord.Claim;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.LogRecord.Lease;
import io.qedstore.event.LogRecord.Release;
import io.qedstore.event.LogRecord.Unknown;
import io.qedstore.log.v1.EventProto;
import io.qedstore.qed.change.QedChange;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Records as bytes, by {@code qedstore/log/v1/event.proto}.
 *
 * <p>Encoding copies the bytes of data once, from the caller's buffers to the record. Decoding copies none: the changes'
 * buffers are parts of the record's.
 */
public final class EventCodec {
    /** Of what is not understood in an event, so much is said. */
    private static final int MAX_NOTES = 4;

    private EventCodec() {}

    // ---- to bytes

    /** A record as it goes into the log. The same record gives the same bytes. */
    public static byte[] encode(LogRecord record) {
        EventProto.LogRecord.Builder message = EventProto.LogRecord.newBuilder()
                .setImageId(bytes(record.head().image().value()))
                .setLineageId(bytes(record.head().lineage().value()))
                .setEpoch(record.head().epoch().value());
        if (record instanceof Event event) {
            return encode(message.build(), event);
        }
        if (record instanceof Claim claim) {
            message.setClaim(EventProto.Claim.newBuilder()
                    .setNodeId(claim.node().value())
                    .setClaimId(bytes(claim.claimId()))
                    .setTimeMicros(claim.timeMicros())
                    .setLeaseMillis(claim.leaseMillis()));
        } else if (record instanceof Release release) {
            message.setRelease(EventProto.Release.newBuilder().setTimeMicros(release.timeMicros()));
        } else if (record instanceof Lease lease) {
            message.setLease(EventProto.Lease.newBuilder().setTimeMicros(lease.timeMicros()));
        } else {
            throw new IllegalArgumentException("cannot write what is not understood: " + record);
        }
        return message.build().toByteArray();
    }

    /** The changes are the last field of the event, and the event is the last of the record: they are put behind the rest. */
    private static byte[] encode(EventProto.LogRecord head, Event event) {
        EventProto.Event start = withoutChanges(event);
        List<Object> changes = new ArrayList<>(event.body().changes().size());
        int eventBytes = start.getSerializedSize();
        for (QedChange change : event.body().changes()) {
            if (change instanceof QedChange.DataWritten written) {
                DataField field = new DataField(written);
                changes.add(field);
                eventBytes += field.bytes();
            } else {
                EventProto.Change message = ChangeCodec.toProto(change);
                changes.add(message);
                eventBytes += DataField.fieldBytes(EventProto.Event.CHANGES_FIELD_NUMBER, message.getSerializedSize());
            }
        }
        int eventField = EventProto.LogRecord.EVENT_FIELD_NUMBER;
        byte[] bytes = new byte[head.getSerializedSize() + DataField.fieldBytes(eventField, eventBytes)];
        CodedOutputStream out = CodedOutputStream.newInstance(bytes);
        try {
            head.writeTo(out);
            DataField.start(out, eventField, eventBytes);
            start.writeTo(out);
            for (Object change : changes) {
                if (change instanceof DataField field) {
                    field.writeTo(out);
                } else {
                    out.writeMessage(EventProto.Event.CHANGES_FIELD_NUMBER, (EventProto.Change) change);
                }
            }
            out.checkNoSpaceLeft();
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail to be written", e);
        }
        return bytes;
    }

    private static EventProto.Event withoutChanges(Event event) {
        EventBody body = event.body();
        if (body.notUnderstood().isPresent()) {
            throw new IllegalArgumentException("cannot write what is not understood: "
                    + body.notUnderstood().get());
        }
        EventProto.Event.Builder message = EventProto.Event.newBuilder()
                .setSequence(event.sequence().value())
                .setPreviousDigest(bytes(event.previous()))
                .setTimeMicros(event.timeMicros())
                .setFlushBefore(body.flushBefore());
        for (Operation operation : body.operations()) {
            message.addOperations(EventProto.Operation.newBuilder()
                    .setKind(toProto(operation.kind()))
                    .setGuestOffset(operation.guestOffset())
                    .setLengthBytes(operation.lengthBytes()));
        }
        body.contentDigest()
                .ifPresent(digest -> message.setContentDigest(EventProto.ContentDigest.newBuilder()
                        .setSequence(digest.sequence().value())
                        .setFileLength(digest.fileLengthBytes())
                        .setSum(bytes(digest.sum()))));
        body.genesis()
                .ifPresent(algorithm ->
                        message.setGenesis(EventProto.Genesis.newBuilder().setDigestAlgorithm(toProto(algorithm))));
        return message.build();
    }

    // ---- from bytes

    /**
     * Reads a record. What a newer version has put in is no error here: the record says so, and whether that matters is for
     * the fold to say.
     *
     * @param bytes all that remains of it; not copied, and must not change as long as the record is used
     * @throws CorruptRecordException if the bytes are no record
     */
    public static LogRecord decode(ByteBuffer bytes) throws CorruptRecordException {
        try {
            CodedInputStream in =
                    UnsafeByteOperations.unsafeWrap(bytes.duplicate()).newCodedInput();
            in.enableAliasing(true);
            EventProto.LogRecord message = EventProto.LogRecord.parseFrom(in);
            return fromProto(message);
        } catch (InvalidProtocolBufferException | IllegalArgumentException e) {
            throw new CorruptRecordException(
                    "these " + bytes.remaining() + " bytes are no record of an image's log: " + e.getMessage(), e);
        } catch (IOException e) {
            throw new IllegalStateException("memory cannot fail to be read", e);
        }
    }

    private static LogRecord fromProto(EventProto.LogRecord message) {
        RecordHead head = new RecordHead(
                new ImageId(uuid(message.getImageId(), "image id")),
                new LineageId(uuid(message.getLineageId(), "lineage id")),
                new Epoch(message.getEpoch()));
        if (ChangeCodec.hasUnknownFields(message)) {
            return new Unknown(head, "fields of the record: " + names(message));
        }
        return switch (message.getBodyCase()) {
            case EVENT -> event(head, message.getEvent());
            case CLAIM -> {
                EventProto.Claim claim = message.getClaim();
                yield orUnknown(
                        head,
                        claim,
                        new Claim(
                                head,
                                new NodeId(claim.getNodeId()),
                                uuid(claim.getClaimId(), "claim id"),
                                claim.getTimeMicros(),
                                claim.getLeaseMillis()));
            }
            case RELEASE ->
                orUnknown(
                        head,
                        message.getRelease(),
                        new Release(head, message.getRelease().getTimeMicros()));
            case LEASE ->
                orUnknown(
                        head,
                        message.getLease(),
                        new Lease(head, message.getLease().getTimeMicros()));
            case BODY_NOT_SET -> new Unknown(head, "the kind of record");
        };
    }

    private static LogRecord orUnknown(RecordHead head, Message message, LogRecord known) {
        return ChangeCodec.hasUnknownFields(message) ? new Unknown(head, names(message)) : known;
    }

    private static Event event(RecordHead head, EventProto.Event message) {
        List<String> unknown = new ArrayList<>();
        noteUnknown(message, unknown);
        List<Operation> operations = new ArrayList<>(message.getOperationsCount());
        for (EventProto.Operation operation : message.getOperationsList()) {
            noteUnknown(operation, unknown);
            unlessSenseless(
                    unknown,
                    () -> operations.add(new Operation(
                            kind(operation.getKind()), operation.getGuestOffset(), operation.getLengthBytes())));
        }
        List<ContentDigest> contentDigests = new ArrayList<>(1);
        if (message.hasContentDigest()) {
            EventProto.ContentDigest digest = message.getContentDigest();
            noteUnknown(digest, unknown);
            unlessSenseless(
                    unknown,
                    () -> contentDigests.add(new ContentDigest(
                            new Sequence(digest.getSequence()),
                            digest.getFileLength(),
                            digest(digest.getSum(), "content digest"))));
        }
        Optional<DigestAlgorithm> genesis = Optional.empty();
        if (message.hasGenesis()) {
            noteUnknown(message.getGenesis(), unknown);
            DigestAlgorithm algorithm = algorithm(message.getGenesis().getDigestAlgorithm());
            if (algorithm == null) {
                note(unknown, "digest algorithm " + message.getGenesis().getDigestAlgorithmValue());
            }
            genesis = Optional.ofNullable(algorithm);
        }
        List<QedChange> changes = new ArrayList<>(message.getChangesCount());
        for (EventProto.Change change : message.getChangesList()) {
            unlessSenseless(unknown, () -> {
                QedChange known = ChangeCodec.fromProto(change);
                if (known != null) {
                    changes.add(known);
                } else {
                    note(unknown, "a change of the file: " + names(change));
                }
            });
        }
        Optional<String> notUnderstood = unknown.isEmpty() ? Optional.empty() : Optional.of(String.join("; ", unknown));
        EventBody body = new EventBody(
                message.getFlushBefore(),
                operations,
                contentDigests.stream().findFirst(),
                genesis,
                changes,
                notUnderstood);
        return new Event(
                head,
                new Sequence(message.getSequence()),
                digest(message.getPreviousDigest(), "previous digest"),
                message.getTimeMicros(),
                body);
    }

    private static void noteUnknown(Message message, List<String> unknown) {
        if (ChangeCodec.hasUnknownFields(message)) {
            note(unknown, message.getDescriptorForType().getName() + ": " + names(message));
        }
    }

    /** A part of an event that cannot be is no reason to take the event for none: it may count. */
    private static void unlessSenseless(List<String> unknown, Runnable part) {
        try {
            part.run();
        } catch (IllegalArgumentException e) {
            note(unknown, e.getMessage());
        }
    }

    private static void note(List<String> unknown, @Nullable String what) {
        if (unknown.size() < MAX_NOTES) {
            unknown.add(String.valueOf(what));
        }
    }

    /** The numbers of the fields that nobody here knows. */
    static String names(Message message) {
        return "fields " + message.getUnknownFields().asMap().keySet();
    }

    static UUID uuid(ByteString bytes, String what) {
        ByteBuffer buffer = sixteen(bytes, what);
        return new UUID(buffer.getLong(), buffer.getLong());
    }

    static Digest digest(ByteString bytes, String what) {
        return Digest.read(sixteen(bytes, what));
    }

    private static ByteBuffer sixteen(ByteString bytes, String what) {
        if (bytes.size() != Digest.BYTES) {
            throw new IllegalArgumentException(what + " of " + bytes.size() + " bytes, expected " + Digest.BYTES);
        }
        return bytes.asReadOnlyByteBuffer();
    }

    static ByteString bytes(UUID id) {
        return bytes(new Digest(id.getMostSignificantBits(), id.getLeastSignificantBits()));
    }

    static ByteString bytes(Digest digest) {
        return UnsafeByteOperations.unsafeWrap(digest.toBytes());
    }

    // ---- names

    private static EventProto.OperationKind toProto(Operation.Kind kind) {
        return switch (kind) {
            case CREATE -> EventProto.OperationKind.OPERATION_KIND_CREATE;
            case WRITE -> EventProto.OperationKind.OPERATION_KIND_WRITE;
            case WRITE_ZEROES -> EventProto.OperationKind.OPERATION_KIND_WRITE_ZEROES;
            case DISCARD -> EventProto.OperationKind.OPERATION_KIND_DISCARD;
            case RESIZE -> EventProto.OperationKind.OPERATION_KIND_RESIZE;
            case BACKING_CHANGE -> EventProto.OperationKind.OPERATION_KIND_BACKING_CHANGE;
            case NEED_CHECK_SET -> EventProto.OperationKind.OPERATION_KIND_NEED_CHECK_SET;
            case NEED_CHECK_CLEAR -> EventProto.OperationKind.OPERATION_KIND_NEED_CHECK_CLEAR;
            case REWIND -> EventProto.OperationKind.OPERATION_KIND_REWIND;
            case IMPORT -> EventProto.OperationKind.OPERATION_KIND_IMPORT;
            case OTHER -> EventProto.OperationKind.OPERATION_KIND_UNSPECIFIED;
        };
    }

    private static Operation.Kind kind(EventProto.OperationKind kind) {
        return switch (kind) {
            case OPERATION_KIND_CREATE -> Operation.Kind.CREATE;
            case OPERATION_KIND_WRITE -> Operation.Kind.WRITE;
            case OPERATION_KIND_WRITE_ZEROES -> Operation.Kind.WRITE_ZEROES;
            case OPERATION_KIND_DISCARD -> Operation.Kind.DISCARD;
            case OPERATION_KIND_RESIZE -> Operation.Kind.RESIZE;
            case OPERATION_KIND_BACKING_CHANGE -> Operation.Kind.BACKING_CHANGE;
            case OPERATION_KIND_NEED_CHECK_SET -> Operation.Kind.NEED_CHECK_SET;
            case OPERATION_KIND_NEED_CHECK_CLEAR -> Operation.Kind.NEED_CHECK_CLEAR;
            case OPERATION_KIND_REWIND -> Operation.Kind.REWIND;
            case OPERATION_KIND_IMPORT -> Operation.Kind.IMPORT;
            case OPERATION_KIND_UNSPECIFIED, UNRECOGNIZED -> Operation.Kind.OTHER;
        };
    }

    static EventProto.DigestAlgorithm toProto(DigestAlgorithm algorithm) {
        return switch (algorithm) {
            case XXH3_128 -> EventProto.DigestAlgorithm.DIGEST_ALGORITHM_XXH3_128;
            case SHA_256 -> EventProto.DigestAlgorithm.DIGEST_ALGORITHM_SHA_256;
        };
    }

    static @Nullable DigestAlgorithm algorithm(EventProto.DigestAlgorithm algorithm) {
        return switch (algorithm) {
            case DIGEST_ALGORITHM_XXH3_128 -> DigestAlgorithm.XXH3_128;
            case DIGEST_ALGORITHM_SHA_256 -> DigestAlgorithm.SHA_256;
            case DIGEST_ALGORITHM_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    }
}
