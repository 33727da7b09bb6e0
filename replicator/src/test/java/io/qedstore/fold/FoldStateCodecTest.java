package io.qedstore.fold;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/** Stored positions: what was written once is read for ever, and anything else is refused by name. */
class FoldStateCodecTest {
    private static final FoldState STATE = new FoldState(
            ImageId.of(3, 4),
            LineageId.of(5, 6),
            new TopicId(new UUID(1, 2)),
            new LogPosition(0x0102030405060708L, OptionalInt.of(0x11121314)),
            new Sequence(7),
            new Digest(8, 9),
            0x2122232425262728L,
            new Ownership(
                    new Epoch(10),
                    EpochStatus.BROKEN,
                    Optional.of(new NodeId("node-1")),
                    new UUID(12, 13),
                    Duration.ofMillis(0x1234),
                    Duration.ofMillis(0x5678)),
            11,
            Optional.of(DigestAlgorithm.SHA_256));

    private static final String GOLDEN = "02"
            + "00000000000000010000000000000002"
            + "00000000000000030000000000000004"
            + "00000000000000050000000000000006"
            + "0102030405060708"
            + "11121314"
            + "0000000000000007"
            + "00000000000000080000000000000009"
            + "000000000000000a"
            + "02"
            + "000000000000000b"
            + "02"
            + "00001234"
            + "00005678"
            + "2122232425262728"
            + "000000000000000c000000000000000d"
            + "06"
            + "6e6f64652d31";

    private static byte[] golden() {
        return HexFormat.of().parseHex(GOLDEN);
    }

    private static byte[] with(int at, int value) {
        byte[] bytes = golden();
        bytes[at] = (byte) value;
        return bytes;
    }

    // Deliberate bug: topic id and image id have changed places, in both directions.
    @Test
    void theBytesOfVersionOneStayWhatTheyAre() throws FoldStateException {
        assertThat(FoldStateCodec.encode(STATE)).isEqualTo(golden());
        assertThat(FoldStateCodec.decode(golden())).isEqualTo(STATE);
    }

    @Test
    void theStartOfALogHasNeitherLeaderNorAlgorithm() throws FoldStateException {
        FoldState start = FoldState.start(STATE.image(), STATE.lineage(), STATE.topicId());
        byte[] bytes = FoldStateCodec.encode(start);
        assertThat(Arrays.copyOfRange(bytes, 57, 61)).containsOnly(0xff);
        assertThat(bytes[102]).isZero();
        assertThat(FoldStateCodec.decode(bytes)).isEqualTo(start);
    }

    // Deliberate bug: the length of the name is a signed byte.
    @Test
    void theLongestNameOfANodeComesBack() throws FoldStateException {
        Ownership ownership = new Ownership(
                new Epoch(1),
                EpochStatus.OPEN,
                Optional.of(new NodeId("n".repeat(128))),
                new UUID(12, 13),
                Duration.ofSeconds(30),
                Duration.ZERO);
        FoldState state = new FoldState(
                STATE.image(),
                STATE.lineage(),
                STATE.topicId(),
                STATE.position(),
                STATE.sequence(),
                STATE.digest(),
                STATE.eventOffset(),
                ownership,
                STATE.timeMicros(),
                STATE.algorithm());
        assertThat(FoldStateCodec.decode(FoldStateCodec.encode(state))).isEqualTo(state);
    }

    @Test
    void everyStatusOfAnEpochHasItsByte() throws FoldStateException {
        assertThat(FoldStateCodec.decode(with(93, 0)).epochStatus()).isEqualTo(EpochStatus.FREE);
        assertThat(FoldStateCodec.decode(with(93, 1)).epochStatus()).isEqualTo(EpochStatus.OPEN);
        assertThat(FoldStateCodec.decode(with(93, 2)).epochStatus()).isEqualTo(EpochStatus.BROKEN);
    }

    @Test
    void whatTheVersionBeforeHasWrittenIsRead() throws FoldStateException {
        byte[] now = golden();
        byte[] before = new byte[now.length - 16];
        System.arraycopy(now, 0, before, 0, 119);
        System.arraycopy(now, 135, before, 119, now.length - 135);
        before[0] = 1;
        Ownership known = STATE.ownership();
        Ownership expected = new Ownership(
                known.epoch(), known.status(), known.node(), new UUID(0, 0), known.lease(), known.othersLease());
        assertThat(FoldStateCodec.decode(before).ownership()).isEqualTo(expected);
        assertThat(FoldStateCodec.decode(before).sequence()).isEqualTo(STATE.sequence());
        assertThatThrownBy(() -> FoldStateCodec.decode(Arrays.copyOf(before, before.length - 1)))
                .isInstanceOf(FoldStateException.Corrupt.class);
    }

    @Test
    void anotherVersionIsRefusedByName() {
        for (int version : new int[] {0, 3, 255}) {
            assertThatThrownBy(() -> FoldStateCodec.decode(with(0, version)))
                    .isInstanceOf(FoldStateException.OtherVersion.class)
                    .hasMessageContaining("version " + version);
        }
    }

    @Test
    void anotherLengthIsRefused() {
        for (int length : new int[] {0, 1, 135, 136, 141, 143}) {
            assertThatThrownBy(() -> FoldStateCodec.decode(Arrays.copyOf(golden(), length)))
                    .isInstanceOf(FoldStateException.Corrupt.class)
                    .hasMessageContaining(length + " bytes, expected 1");
        }
    }

    // Deliberate bug: a status that nobody knows counts as open.
    @Test
    void valuesThatMakeNoSenseAreRefused() {
        int[][] spoiled = {
            {49, 0x80}, {57, 0x80}, {61, 0x80}, {85, 0x80}, {93, 3}, {94, 0x80}, {111, 0x80}, {102, 0}, {102, 3}
        };
        for (int[] spoil : spoiled) {
            assertThatThrownBy(() -> FoldStateCodec.decode(with(spoil[0], spoil[1])))
                    .as("byte %d is %d", spoil[0], spoil[1])
                    .isInstanceOf(FoldStateException.Corrupt.class);
        }
    }
}
