package io.qedstore.fold;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.qed.fuzz.FuzzInput;
import java.util.Arrays;
import java.util.List;
import java.util.UUID;

/**
 * What the fuzzer's bytes say: records, of each a byte for its {@link Form}, two for its length, and its body. Protobuf takes of
 * two values the last, and of two messages the parts of both: so what is put behind a body makes it fit, whatever it is.
 */
final class FuzzedLog {
    /** 15 minutes. */
    private static final long TIME_MICROS = 900_000_000;

    private final FuzzInput input;

    FuzzedLog(byte[] bytes) {
        this.input = new FuzzInput(bytes);
    }

    enum Form {
        /** The body is all. */
        RAW,
        /** Of this image, and by its owner. */
        HEADED,
        /** The claim that opens the next epoch. */
        CLAIM,
        /** The event that comes next. */
        EVENT,
        /** The same; if it is the first, with the other algorithm. */
        EVENT_BY_SHA_256
    }

    boolean hasNext() {
        return !input.isExhausted();
    }

    /** @param state of the fold that is to take it */
    byte[] next(FoldState state) {
        Form form = Form.values()[input.u8() % Form.values().length];
        byte[] body = input.bytes(input.u16());
        return switch (form) {
            case RAW -> body;
            case HEADED -> joined(body, head(state));
            case CLAIM -> joined(body, EventCodec.encode(claim(state)));
            case EVENT -> joined(body, EventCodec.encode(event(state, DigestAlgorithm.XXH3_128)));
            case EVENT_BY_SHA_256 -> joined(body, EventCodec.encode(event(state, DigestAlgorithm.SHA_256)));
        };
    }

    private static byte[] head(FoldState state) {
        byte[] lease = EventCodec.encode(new LogRecord.Lease(new Fold(state).head(state.epoch()), 0));
        return Arrays.copyOf(lease, lease.length - 2); // without the lease, which is empty
    }

    private static LogRecord claim(FoldState state) {
        return new LogRecord.Claim(
                new Fold(state).head(state.epoch().next()), new NodeId("node-1"), new UUID(1, 2), TIME_MICROS, 0);
    }

    private static LogRecord event(FoldState state, DigestAlgorithm first) {
        EventBody nothing = state.algorithm().isPresent()
                ? EventBody.of(List.of(), List.of())
                : EventBody.first(first, List.of(), List.of());
        return new LogRecord.Event(
                new Fold(state).head(state.epoch()), state.sequence().next(), state.digest(), TIME_MICROS, nothing);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, first.length + second.length);
        System.arraycopy(second, 0, joined, first.length, second.length);
        return joined;
    }
}
