package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.checkpoint.s3.S3Location;
import io.qedstore.checkpoint.s3.S3Objects;
import io.qedstore.checkpoint.s3.S3Server;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** With all disks lost, images come back from what is left of their logs and from checkpoints on a real S3 server. */
@Tag("once") // on one JDK
class RebuildFromS3IT {
    private static final int HISTORIES = 20;
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @TempDir
    Path folder = Path.of("");

    @Test
    void imagesComeBackFromTheEndOfTheirLogsAndTheStoreAlone() throws IOException, InterruptedException {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
        try (S3Server server = S3Server.start(folder.resolve("server"))) {
            Seeds.forEach(HISTORIES, seed -> {
                S3Location place = S3Location.parse(
                        "s3://" + S3Server.BUCKET + "/history-" + seed,
                        Optional.of(server.endpoint()),
                        Optional.empty());
                try (S3Objects objects = S3Objects.at(place)) {
                    comeBack(new ObjectCheckpoints(objects, new NodeId("s3")), seed);
                }
            });
        }
    }

    private void comeBack(ObjectCheckpoints store, long seed) throws IOException {
        Random random = new Random(seed);
        HistoryLog log = new HistoryLog(random, 20);
        long kept = 1L + random.nextInt((int) log.last());
        put(log, store, kept);
        log.deleteUpTo(kept);
        long sequence = kept + random.nextInt((int) (log.last() - kept) + 1);
        Path target = folder.resolve("made-" + seed + ".qed");
        RebuildSource nothing = new RebuildSource(log.image, log.index, log, List.of(), PATIENCE);
        assertThatThrownBy(() -> new Rebuild(nothing, target, RebuildWatcher.NONE).upTo(new Sequence(sequence)))
                .isInstanceOf(NotCoveredException.class);
        RebuildSource source = new RebuildSource(log.image, log.index, log, List.of(store), PATIENCE);
        new Rebuild(source, target, RebuildWatcher.NONE).upTo(new Sequence(sequence));
        assertThat(Files.readAllBytes(target)).isEqualTo(log.bytesBehind(sequence));
    }

    private static void put(HistoryLog log, ObjectCheckpoints store, long sequence) throws IOException {
        MemoryImageFile file = log.written.fileBehind(sequence);
        FoldState[] at = {log.start()};
        new LogWalk(log.whole(), log.start(), PATIENCE).walk((event, after) -> {
            at[0] = after;
            return after.sequence().value() < sequence;
        });
        ContentDigest content = new ContentDigest(
                new Sequence(sequence), file.length(), ContentScan.sum(file, DigestAlgorithm.XXH3_128));
        store.put(new CheckpointDescription(at[0], content, 0, 1), file, (next, bytes) -> {});
    }
}
