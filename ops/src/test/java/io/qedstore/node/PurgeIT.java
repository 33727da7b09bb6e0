package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import io.qedstore.kafka.TestKafka;
import io.qedstore.serve.ForeignPrograms;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

@Tag("once") // on one JDK
class PurgeIT {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int LOOK_MS = 50;

    @Test
    void whatWasInTheTrashForLongEnoughIsGoneWithItsFilesAndItsLog(@TempDir Path folder) throws Exception {
        ForeignPrograms programs = ForeignPrograms.in(folder, "qemu-io");
        try (NodePair pair = NodePair.start(folder, Map.of("trash.keep", "1s"));
                Admin kafka = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            PairImage kept = pair.create("1M", List.of());
            PairImage image = pair.create("1M", List.of());
            programs.succeed("qemu-io", "-f", "raw", "-c", "write 0 64k", image.uri());
            image.awaitRest();
            Set<String> before = topics(kafka);
            pair.ours("image", "delete", image.name());
            long deadline = System.nanoTime() + DEADLINE.toNanos();
            while (Files.exists(image.ownerFile())
                    || Files.exists(image.replicaFile())
                    || topics(kafka).contains(image.topic())) {
                assertThat(System.nanoTime()).as("it is still there").isLessThan(deadline);
                TimeUnit.MILLISECONDS.sleep(LOOK_MS);
            }
            assertThat(before).contains(image.topic(), kept.topic());
            assertThat(topics(kafka)).contains(kept.topic());
            assertThat(kept.ownerFile()).isNotEmptyFile();
            Program.Result result = pair.run("image", "undelete", image.name());
            assertThat(result.exitCode()).isNotZero();
            assertThat(result.err()).contains("there is no image " + image.name() + " in the trash");
            assertThat(pair.ours("image", "list")).contains(kept.name()).doesNotContain(image.name());
            pair.stop();
        }
    }

    private static Set<String> topics(Admin kafka) throws ExecutionException, InterruptedException {
        return kafka.listTopics().names().get();
    }
}
