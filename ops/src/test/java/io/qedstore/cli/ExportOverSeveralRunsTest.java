package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.cli.download.ExportDownload;
import io.qedstore.cli.download.ExportWatcher;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A download that gave up is gone on with by the next run. Nobody waits here: the pauses are only noted. */
class ExportOverSeveralRunsTest {
    private static final int MIB = 1 << 20;

    private final Path target;
    private final Path part;
    private final NodeDouble node;
    private final List<Duration> pauses = new ArrayList<>();
    private final List<String> notes = new ArrayList<>();

    ExportOverSeveralRunsTest(@TempDir Path folder) throws IOException {
        this.target = folder.resolve("vm1.qed");
        this.part = folder.resolve("vm1.qed.part");
        this.node = new NodeDouble();
        node.export.file(file(1));
    }

    @AfterEach
    void close() {
        node.close();
    }

    private static byte[] file(long seed) {
        byte[] file = new byte[20 * MIB];
        new Random(seed).nextBytes(file);
        return file;
    }

    private ImageExtents export(String image, ExportForm form) throws IOException {
        ExportWatcher watcher = new ExportWatcher() {
            @Override
            public void fetched(long doneBytes, long totalBytes) {}

            @Override
            public void verified(long doneBytes, long totalBytes) {}

            @Override
            public void note(String sentence) {
                notes.add(sentence);
            }
        };
        ApiClient client = new ApiClient(URI.create(node.url()), Optional.empty(), Optional.empty());
        return new ExportDownload(client, image, form, Optional.empty(), watcher, pauses::add).to(target, false);
    }

    private void breakOffAtTheThirdRange() {
        node.export.breakConnections(3, 7);
        assertThatThrownBy(() -> export("vm1", ExportForm.QEMU))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("tried 7 times")
                .hasMessageContaining("the same command goes on with it");
    }

    @Test
    void itTriesSevenTimesWithPausesThatGrow() throws IOException {
        breakOffAtTheThirdRange();
        assertThat(pauses).extracting(Duration::toMillis).containsExactly(200L, 400L, 800L, 1600L, 3200L, 6400L);
        assertThat(target).doesNotExist();
        assertThat(Files.size(part)).isEqualTo(16 * MIB);
    }

    @Test
    void theNextRunGoesOnWhereTheLastEnded() throws IOException {
        breakOffAtTheThirdRange();
        int before = node.export.ranges().size();
        assertThat(export("vm1", ExportForm.QEMU).sequence()).isEqualTo(41);
        assertThat(node.export.ranges().subList(before, node.export.ranges().size()))
                .containsExactly("bytes=0-0", "bytes=16777216-20971519");
        assertThat(notes).containsExactly("going on with the file of sequence 41 where an earlier run ended");
        assertThat(target).hasBinaryContent(file(1));
        assertThat(part).doesNotExist();
    }

    @Test
    void theNextRunBeginsAgainIfTheNodeDoesNotKeepTheFile() throws IOException {
        breakOffAtTheThirdRange();
        node.export.file(file(2));
        assertThat(export("vm1", ExportForm.QEMU).sequence()).isEqualTo(42);
        assertThat(notes)
                .containsExactly("the node does not keep the file that an earlier run has begun; beginning again");
        assertThat(target).hasBinaryContent(file(2));
    }

    @Test
    void whatACrashHasDamagedIsFetchedAgain() throws IOException {
        breakOffAtTheThirdRange();
        byte[] damaged = Files.readAllBytes(part);
        damaged[5 * MIB] ^= 1;
        Files.write(part, damaged);
        export("vm1", ExportForm.QEMU);
        assertThat(notes).contains("what an earlier run has left is damaged; beginning again");
        assertThat(target).hasBinaryContent(file(1));
    }

    @Test
    void anotherImageOrFormDoesNotGoOnWithIt() {
        breakOffAtTheThirdRange();
        assertThatThrownBy(() -> export("vm2", ExportForm.QEMU))
                .hasMessageContaining("found image 'vm1' in the form qemu, expected image 'vm2' in the form qemu");
        assertThatThrownBy(() -> export("vm1", ExportForm.EXACT))
                .hasMessageContaining("expected image 'vm1' in the form exact");
        assertThat(part).exists();
    }
}
