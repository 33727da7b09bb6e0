package io.qedstore.points;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.hosting.RebuildSources;
import io.qedstore.qed.file.FileView;
import io.qedstore.rebuild.HistoryLog;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PointFilesTest {
    private static final Instant NOW = Instant.parse("2027-01-01T00:00:00Z");
    private static final Duration KEPT = Duration.ofMinutes(1);

    private final Path folder;
    private final HistoryLog log = new HistoryLog(new Random(3), 20);
    private long nowNanos;
    private boolean isFull;
    private int opened;

    PointFilesTest(@TempDir Path folder) throws IOException {
        this.folder = folder.resolve("points");
    }

    private PointFiles files() throws IOException {
        return new PointFiles(
                folder,
                new RebuildSources(
                        log.index,
                        image -> {
                            opened++;
                            return log;
                        },
                        List.of()),
                KEPT,
                () -> nowNanos,
                () -> {
                    if (isFull) {
                        throw new IOException("the disk is full");
                    }
                },
                true);
    }

    private PointFile open(PointFiles files, String point) throws IOException {
        return files.open(log.image, Point.parse(point), NOW);
    }

    /** The images' files in the folder. */
    private List<Path> left() throws IOException {
        try (Stream<Path> all = Files.list(folder)) {
            return all.filter(file -> file.toString().endsWith(".qed")).toList();
        }
    }

    private Path path(long sequence) {
        return folder.resolve(log.image.id() + "-" + sequence + ".qed");
    }

    private static byte[] bytes(PointFile file) throws IOException {
        FileView view = file.view();
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(view.length()));
        view.read(0, bytes);
        return bytes.array();
    }

    /** Turns red when what is read of a point's file is not compared with what was made. */
    @Test
    void whatTheDiskHasLostIsPutBackBeforeItIsRead() throws IOException {
        PointFiles files = files();
        try (PointFile file = open(files, "seq:9")) {
            for (int at = 0; at < log.bytesBehind(9).length; at += 4096) {
                byte[] damaged = log.bytesBehind(9);
                damaged[at] ^= 1;
                Files.write(path(9), damaged);
                assertThat(bytes(file)).as("a bit was flipped at " + at).isEqualTo(log.bytesBehind(9));
                assertThat(Files.readAllBytes(path(9))).isEqualTo(log.bytesBehind(9));
            }
        }
    }

    @Test
    void aPointIsTheFileBehindItsEventAndSharedByAllWhoMeanIt() throws IOException {
        PointFiles files = files();
        log.snapshot("here", 7);
        try (PointFile first = open(files, "seq:7");
                PointFile second = open(files, "snapshot:here");
                PointFile other = open(files, "latest")) {
            assertThat(bytes(first)).isEqualTo(log.bytesBehind(7));
            assertThat(bytes(second)).isEqualTo(log.bytesBehind(7));
            assertThat(bytes(other)).isEqualTo(log.bytesBehind(log.last()));
            assertThat(left()).containsExactlyInAnyOrder(path(7), path(log.last()));
        }
    }

    @Test
    void manyWhoAskAtOnceGetOneFile() throws IOException {
        PointFiles files = files();
        List<CompletableFuture<byte[]>> asked = new ArrayList<>();
        for (int i = 0; i < 8; i++) {
            asked.add(CompletableFuture.supplyAsync(() -> {
                try (PointFile file = open(files, "seq:9")) {
                    return bytes(file);
                } catch (IOException e) {
                    throw new CompletionException(e);
                }
            }));
        }
        assertThat(asked).allSatisfy(each -> assertThat(each.join()).isEqualTo(log.bytesBehind(9)));
        assertThat(left()).containsExactly(path(9));
    }

    @Test
    void aFileGoesSomeTimeAfterItsLastUser() throws IOException {
        PointFiles files = files();
        PointFile file = open(files, "seq:5");
        nowNanos += KEPT.toNanos() * 2;
        files.tick();
        assertThat(path(5)).exists();
        file.close();
        file.close();
        nowNanos += KEPT.toNanos() - 1;
        files.tick();
        open(files, "seq:5").close();
        nowNanos += KEPT.toNanos() - 1;
        files.tick();
        assertThat(left()).hasSize(1);
        nowNanos++;
        files.tick();
        assertThat(left()).isEmpty();
        try (PointFile again = open(files, "seq:5")) {
            assertThat(bytes(again)).isEqualTo(log.bytesBehind(5));
        }
    }

    @Test
    void whatIsThereAtTheStartGoes() throws IOException {
        Files.createDirectories(folder);
        Files.write(folder.resolve("left.qed"), new byte[9]);
        files();
        assertThat(left()).isEmpty();
    }

    @Test
    void withoutRoomNothingIsMadeAndLaterItIs() throws IOException {
        PointFiles files = files();
        isFull = true;
        assertThatThrownBy(() -> open(files, "seq:5")).hasMessage("the disk is full");
        assertThat(left()).isEmpty();
        isFull = false;
        open(files, "seq:5").close();
        assertThat(left()).hasSize(1);
    }

    @Test
    void aPointThatIsNotThereIsNamedAndLeavesNothing() throws IOException {
        PointFiles files = files();
        assertThatThrownBy(() -> open(files, "snapshot:none"))
                .isInstanceOf(PointException.class)
                .hasMessageContaining("no snapshot none");
        assertThatThrownBy(() -> open(files, "seq:1000000")).hasMessageContaining("ends at event");
        assertThat(left()).isEmpty();
        assertThat(opened).isPositive();
    }
}
