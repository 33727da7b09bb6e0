package io.qedstore.cli.upload;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.NewImportRequest;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ImportUploadTest {
    private static final int MIB = 1 << 20;
    private static final byte[] FILE = file();

    private final ImportDouble node = new ImportDouble();
    private final List<String> notes = new ArrayList<>();
    private final List<Duration> pauses = new ArrayList<>();

    ImportUploadTest() throws IOException {}

    @AfterEach
    void close() {
        node.close();
    }

    /** 2 MiB and some of data, 20 MiB of zeros, 100 bytes of data. */
    private static byte[] file() {
        byte[] data = new byte[2 * MIB + 5000];
        new Random(1).nextBytes(data);
        byte[] file = Arrays.copyOf(data, 22 * MIB + 100);
        System.arraycopy(data, 0, file, 22 * MIB, 100);
        return file;
    }

    @Test
    void whatIsNotZerosIsSentInOrder() throws IOException {
        assertThat(run().state()).isEqualTo("done");
        assertThat(node.file).isEqualTo(FILE);
        assertThat(node.pieces).containsExactly("0 1048576", "1048576 1048576", "2097152 8192", "23068672 100");
        assertThat(notes).isEmpty();
    }

    @Test
    void brokenConnectionsBusyNodesAndDamagedPiecesAreTriedAgain() throws IOException {
        node.faults.put(2, 503);
        node.faults.put(3, 0);
        node.faults.put(4, 412);
        run();
        assertThat(node.file).isEqualTo(FILE);
        assertThat(node.pieces).hasSize(4);
        assertThat(pauses).contains(Duration.ofMillis(200), Duration.ofMillis(400), Duration.ofMillis(800));
    }

    @Test
    void aNodeThatDoesNotGetWellIsGivenUpWithWhatToDo() {
        for (int i = 1; i <= 7; i++) {
            node.faults.put(i, 503);
        }
        assertThatThrownBy(this::run)
                .hasMessageContaining("tried 7 times: ")
                .hasMessageContaining("the same command goes on with it");
    }

    @Test
    void anEarlierRunIsGoneOnWith() throws IOException {
        node.faults.put(3, 507);
        assertThatThrownBy(this::run).hasMessageContaining("said the double");
        assertThat(node.pieces).hasSize(2);
        run();
        assertThat(node.file).isEqualTo(FILE);
        assertThat(node.pieces).hasSize(4);
        assertThat(notes).containsExactly("going on at byte 2097152, where an earlier run ended");
    }

    @Test
    void whatTheNodeDoesNotKeepIsSentAgain() throws IOException {
        node.faults.put(3, 410);
        run();
        assertThat(node.file).isEqualTo(FILE);
        assertThat(node.pieces).hasSize(6);
        assertThat(notes).hasSize(1).first().asString().contains("beginning again");
    }

    @Test
    void aNodeThatForgetsAgainAndAgainIsGivenUp() {
        node.forgetsInTheEnd = true;
        assertThatThrownBy(this::run).hasMessageContaining("said the double");
        assertThat(node.pieces).hasSizeGreaterThanOrEqualTo(4);
    }

    @Test
    void whyItFailedIsTheNodesToSay() {
        node.failure = "the file cannot be imported: a test";
        assertThatThrownBy(this::run).hasMessage("the file cannot be imported: a test");
    }

    private io.qedstore.api.ImportInfo run() throws IOException {
        UploadWatcher watcher = new UploadWatcher() {
            @Override
            public void sent(long fileOffset, long fileBytes) {}

            @Override
            public void logged(long fileOffset, long fileBytes) {}

            @Override
            public void note(String sentence) {
                notes.add(sentence);
            }
        };
        NewImportRequest request = new NewImportRequest(
                FILE.length,
                "0",
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
        return new ImportUpload(new ApiClient(node.url(), Optional.empty(), Optional.empty()), watcher, pauses::add)
                .run("vm1", MemoryImageFile.of(FILE), request);
    }
}
