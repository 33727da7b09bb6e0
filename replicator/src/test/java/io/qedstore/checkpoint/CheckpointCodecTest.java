package io.qedstore.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class CheckpointCodecTest {
    private static final int SEEDS = 2000;

    private static CheckpointDescription description() throws IOException {
        return TestCheckpoints.describe(TestCheckpoints.file(new Random(1), 4), 300)
                .withStoredBytes(8192);
    }

    @Test
    void whatIsWrittenIsRead() throws IOException {
        byte[] bytes = CheckpointCodec.encode(description());
        assertThat(bytes.length).isLessThanOrEqualTo(CheckpointCodec.MAX_BYTES);
        assertThat(CheckpointCodec.decode(bytes, "it")).isEqualTo(description());
        assertThat(HexFormat.of().formatHex(bytes, 0, 10)).isEqualTo("514544434b505401008e");
    }

    /** Cut, longer, and with any byte changed. */
    @Test
    void bytesThatAreNoneAreRefusedAndNothingElseHappens() throws IOException {
        byte[] good = CheckpointCodec.encode(description());
        for (int length = 0; length < good.length; length++) {
            assertRefused(Arrays.copyOf(good, length));
        }
        assertRefused(Arrays.copyOf(good, good.length + 1));
        Random random = new Random(4);
        for (int i = 0; i < SEEDS; i++) {
            byte[] changed = good.clone();
            changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
            assertRefused(changed);
        }
    }

    /** It is for the version that wrote it, and no reason to remove the checkpoint. */
    @Test
    void aPlaceThatAnotherVersionHasWrittenIsNoDamage() throws IOException {
        byte[] bytes = CheckpointCodec.encode(description());
        bytes[10] = 99; // the version of the fold state
        int summed = bytes.length - Digest.BYTES;
        DigestAlgorithm.XXH3_128
                .of(bytes, 0, summed)
                .write(ByteBuffer.wrap(bytes).position(summed));
        assertThatThrownBy(() -> CheckpointCodec.decode(bytes, "it"))
                .isInstanceOf(CheckpointException.OtherVersion.class)
                .hasMessageStartingWith("it has a stored position of version 99, expected");
    }

    private static void assertRefused(byte[] bytes) {
        assertThatThrownBy(() -> CheckpointCodec.decode(bytes, "it")).isInstanceOf(CheckpointException.class);
    }

    @Test
    void aManifestIsReadAsItWasWrittenAndNoOtherIs() throws IOException {
        Manifest manifest =
                new Manifest(description(), List.of(Manifest.chunk(new byte[9]), Manifest.chunk(new byte[8])));
        byte[] good = manifest.encode();
        assertThat(Manifest.decode(good, "it")).isEqualTo(manifest);
        Random random = new Random(4);
        for (int i = 0; i < SEEDS; i++) {
            byte[] changed = random.nextBoolean() ? Arrays.copyOf(good, random.nextInt(good.length)) : good.clone();
            if (changed.length == good.length) {
                changed[random.nextInt(changed.length)] ^= (byte) (1 + random.nextInt(255));
            }
            assertThatThrownBy(() -> Manifest.decode(changed, "it")).isInstanceOf(CheckpointException.class);
        }
    }
}
