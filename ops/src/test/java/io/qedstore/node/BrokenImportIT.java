package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImportRequest;
import io.qedstore.cli.Program;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.download.Pause;
import io.qedstore.cli.upload.ImportUpload;
import io.qedstore.cli.upload.UploadWatcher;
import io.qedstore.content.ContentScan;
import io.qedstore.dev.NodeFile;
import io.qedstore.dev.NodeProcess;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.kafka.TestKafka;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.net.URI;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Imports whose client or node is killed leave nothing, and can be done again. */
@Tag("once") // on one JDK
class BrokenImportIT {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final List<String> JVM = List.of("-Xmx384m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC");
    private static final int LOOK_MS = 5;
    private static final int MEBIBYTES = 96;

    private final Path folder;

    BrokenImportIT(@TempDir Path folder) {
        this.folder = folder;
    }

    @Test
    void aClientThatWasKilledGoesOnWhereItEnded() throws Exception {
        Path disk = disk();
        try (NodeProcess node = start("import-resumed")) {
            UploadWatcher killed = new Watcher() {
                @Override
                public void sent(long fileOffset, long fileBytes) {
                    if (fileOffset > fileBytes / 2) {
                        throw new IllegalStateException("killed");
                    }
                }
            };
            try (ChannelImageFile file = ChannelImageFile.open(disk, FileAccess.READ)) {
                ImportUpload upload = new ImportUpload(client(node), killed, Pause.BY_THE_CLOCK);
                NewImportRequest request = request(file);
                assertThatThrownBy(() -> upload.run("resumed", file, request)).hasMessage("killed");
            }
            assertThat(Program.run("image", "list", "--api=" + node.api()).out())
                    .doesNotContain("resumed");

            Program.Result again =
                    Program.run("image", "import", "--replicas=0", disk, "resumed", "--api=" + node.api());
            assertThat(again.exitCode()).as(again.err()).isZero();
            assertThat(again.err()).contains("going on at byte ");
            assertThat(again.out()).contains("no other node has a copy");
            String id = client(node).image("resumed").id();
            assertThat(Files.mismatch(disk, data("import-resumed").resolve("images/" + id + ".qed")))
                    .isEqualTo(-1);
            assertThat(data("import-resumed").resolve("imports")).isEmptyDirectory();
            assertThat(node.stop()).isZero();
        }
    }

    @Test
    void aNodeThatWasKilledHasNothingOfItOnceItIsStartedAnew() throws Exception {
        Path disk = disk();
        String topic;
        try (Admin kafka = Admin.create(Map.of("bootstrap.servers", TestKafka.bootstrapServers()))) {
            try (NodeProcess node = start("import-killed");
                    ChannelImageFile file = ChannelImageFile.open(disk, FileAccess.READ)) {
                ApiClient client = client(node);
                NewImportRequest request = request(file);
                ImportInfo begun = client.beginImport("killed", request);
                topic = "qedstore.log." + begun.id();
                Thread importing = new Thread(() -> {
                    try {
                        new ImportUpload(client, new Watcher(), length -> {
                                    throw new java.io.InterruptedIOException("the node is gone");
                                })
                                .run("killed", file, request);
                    } catch (IOException e) {
                        // as it must
                    }
                });
                importing.start();
                await(() -> topics(kafka).contains(topic), "no log was begun");
                node.kill();
                importing.join();
            }
            assertThat(files(data("import-killed").resolve("imports"))).hasSize(1);
            try (NodeProcess node = start("import-killed")) {
                assertThat(files(data("import-killed").resolve("imports"))).isEmpty();
                await(() -> !topics(kafka).contains(topic), "the log of an import that came to nothing is still there");
                assertThat(Program.run("image", "list", "--api=" + node.api()).out())
                        .doesNotContain("killed");
                assertThat(files(data("import-killed").resolve("images"))).isEmpty();

                Program.Result again =
                        Program.run("image", "import", "-q", "--replicas=0", disk, "killed", "--api=" + node.api());
                assertThat(again.exitCode()).as(again.err()).isZero();
                String id = client(node).image("killed").id();
                assertThat(Files.mismatch(disk, data("import-killed").resolve("images/" + id + ".qed")))
                        .isEqualTo(-1);
                assertThat(node.stop()).isZero();
            }
        }
    }

    private static class Watcher implements UploadWatcher {
        @Override
        public void sent(long fileOffset, long fileBytes) {}

        @Override
        public void logged(long fileOffset, long fileBytes) {}

        @Override
        public void note(String sentence) {}
    }

    private Path disk() throws IOException {
        Path disk = folder.resolve("disk.qed");
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(disk)) {
            new NewImage(new ImageGeometry(65536, 4), 1L << 30).createIn(file, HeaderLayout.FINAL);
        }
        Random random = new Random(7);
        byte[] data = new byte[1 << 20];
        try (PlainImage image = PlainImage.open(disk)) {
            for (int i = 0; i < MEBIBYTES; i++) {
                random.nextBytes(data);
                image.write(i * (5L << 20), ByteBuffer.wrap(data));
            }
            image.flush();
        }
        return disk;
    }

    private NodeProcess start(String id) throws IOException, InterruptedException {
        Map<String, String> settings = Map.of();
        return NodeProcess.start(NodeFile.write(folder.resolve(id), id, TestKafka.bootstrapServers(), settings), JVM);
    }

    private Path data(String id) {
        return folder.resolve(id).resolve("data");
    }

    private static ApiClient client(NodeProcess node) {
        return new ApiClient(URI.create(node.api()), Optional.empty(), Optional.empty());
    }

    private static NewImportRequest request(ChannelImageFile file) throws IOException {
        return new NewImportRequest(
                file.length(),
                ContentScan.sum(file, DigestAlgorithm.XXH3_128).toString(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.of(0), // other tests' nodes are known to the catalog, and gone
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private static List<Path> files(Path in) throws IOException {
        try (Stream<Path> found = Files.list(in)) {
            return found.toList();
        }
    }

    private static Set<String> topics(Admin kafka) throws Exception {
        return kafka.listTopics().names().get();
    }

    @FunctionalInterface
    private interface Condition {
        boolean holds() throws Exception;
    }

    private static void await(Condition condition, String otherwise) throws Exception {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!condition.holds()) {
            assertThat(System.nanoTime()).as(otherwise).isLessThan(deadline);
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }
}
