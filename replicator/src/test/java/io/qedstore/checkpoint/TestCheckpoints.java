package io.qedstore.checkpoint;

import io.qedstore.content.ContentScan;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.Epoch;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.EpochStatus;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.Ownership;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Random;
import java.util.UUID;

/** Files, and what is said of them. */
public final class TestCheckpoints {
    public static final ImageId IMAGE = ImageId.of(1, 2);

    private TestCheckpoints() {}

    public static CheckpointDescription describe(FileView file, long sequence) throws IOException {
        return describe(IMAGE, file, sequence);
    }

    public static CheckpointDescription describe(ImageId image, FileView file, long sequence) throws IOException {
        DigestAlgorithm algorithm = DigestAlgorithm.XXH3_128;
        FoldState state = new FoldState(
                image,
                LineageId.of(3, 4),
                new TopicId(new UUID(5, 6)),
                new LogPosition(sequence + 10, OptionalInt.of(2)),
                new Sequence(sequence),
                new Digest(7, sequence),
                sequence + 9,
                new Ownership(
                        new Epoch(3),
                        EpochStatus.OPEN,
                        Optional.of(new NodeId("node-1")),
                        new UUID(1, 1),
                        Duration.ofSeconds(30),
                        Duration.ZERO),
                1_000_000 * sequence,
                Optional.of(algorithm));
        return new CheckpointDescription(
                state,
                new ContentDigest(new Sequence(sequence), file.length(), ContentScan.sum(file, algorithm)),
                0,
                1_795_000_000_000_000L);
    }

    /** Of blocks with data and holes between, and an end that is no block's. */
    static MemoryImageFile file(Random random, int blocks) {
        MemoryImageFile file = new MemoryImageFile();
        file.setLength(blocks * 4096L + random.nextInt(4096));
        for (int i = 0; i < blocks; i++) {
            if (random.nextInt(3) == 0) {
                byte[] data = new byte[1 + random.nextInt(4096)];
                random.nextBytes(data);
                file.write(i * 4096L + random.nextInt(4097 - data.length), ByteBuffer.wrap(data));
            }
        }
        return file;
    }
}
