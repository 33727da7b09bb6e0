package io.qedstore.export;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ImageExport;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.hosting.TestCopy;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptExportsTest {
    private static final int MAX = 8;

    private final Path folder;

    KeptExportsTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private long nowNanos;
    private int ids;

    private Path kept() {
        return folder.resolve("exports");
    }

    @BeforeEach
    void leaveSomething() throws IOException {
        Files.createDirectories(kept());
        Files.writeString(kept().resolve("left.qed"), "of a node that was killed");
    }

    private KeptExports exports() throws IOException {
        return new KeptExports(kept(), () -> new UUID(5, ++ids), () -> nowNanos, () -> {});
    }

    private TestCopy copy() throws IOException {
        return new TestCopy(folder.resolve("images"));
    }

    private long files() throws IOException {
        try (Stream<Path> all = Files.list(kept())) {
            return all.count();
        }
    }

    private static ServiceError errorOf(ThrowingCall call) {
        try {
            call.run();
        } catch (ServiceException e) {
            return e.error();
        } catch (IOException e) {
            throw new AssertionError(e);
        }
        throw new AssertionError("it was not refused");
    }

    private interface ThrowingCall {
        void run() throws IOException;
    }

    @Test
    void whatIsLeftFromBeforeGoes() throws IOException {
        exports();
        assertThat(files()).isZero();
    }

    @Test
    void anExactExportIsTheFileAndStaysItWhenTheImageIsWritten() throws Exception {
        TestCopy copy = copy();
        byte[] before = Files.readAllBytes(copy.file().path());
        try (ImageExport export = exports().make("vm1", copy.file(), copy.log(), true)) {
            copy.write(2);
            ByteBuffer bytes = ByteBuffer.allocate((int) export.lengthBytes());
            export.read(0, bytes);
            assertThat(bytes.array()).isEqualTo(before);
            assertThat(export.sha256())
                    .isEqualTo(MessageDigest.getInstance("SHA-256").digest(before));
            assertThat(export.sequence()).isEqualTo(2);
        }
    }

    @Test
    void anyOtherExportSaysThatItNeedsNoCheck() throws IOException {
        TestCopy copy = copy();
        byte[] before = Files.readAllBytes(copy.file().path());
        try (ImageExport export = exports().make("vm1", copy.file(), copy.log(), false)) {
            ByteBuffer bytes = ByteBuffer.allocate((int) export.lengthBytes());
            export.read(0, bytes);
            assertThat(before[16] & 2).as("the image's need-check bit").isEqualTo(2);
            assertThat(bytes.get(16) & 2).isZero();
        }
    }

    @Test
    void aTagLeadsToTheSameExportOfTheSameImageOnly() throws IOException {
        TestCopy copy = copy();
        KeptExports exports = exports();
        ImageExport made = exports.make("vm1", copy.file(), copy.log(), true);
        copy.write(2);
        ImageExport again = exports.get("vm1", true, made.tag());
        assertThat(again.sha256()).isEqualTo(made.sha256());
        assertThat(errorOf(() -> exports.get("vm2", true, made.tag()))).isEqualTo(ServiceError.GONE);
        assertThat(errorOf(() -> exports.get("vm1", false, made.tag()))).isEqualTo(ServiceError.GONE);
        assertThat(errorOf(() -> exports.get("vm1", true, "no tag"))).isEqualTo(ServiceError.GONE);
    }

    @Test
    void anExportIsKeptForAWhileAfterItsLastUser() throws IOException {
        TestCopy copy = copy();
        KeptExports exports = exports();
        ImageExport made = exports.make("vm1", copy.file(), copy.log(), true);
        ImageExport again = exports.get("vm1", true, made.tag());
        made.close();
        made.close(); // counts once
        nowNanos += Duration.ofHours(1).toNanos();
        exports.tick();
        assertThat(files()).as("while somebody uses it").isEqualTo(1);
        again.close();
        nowNanos += Duration.ofMinutes(9).toNanos();
        exports.tick();
        assertThat(files()).isEqualTo(1);
        nowNanos += Duration.ofMinutes(2).toNanos();
        exports.tick();
        assertThat(files()).isZero();
        assertThat(errorOf(() -> exports.get("vm1", true, made.tag()))).isEqualTo(ServiceError.GONE);
    }

    @Test
    void theOldestThatNobodyUsesMakesRoomAndNoneThatIsUsed() throws IOException {
        TestCopy copy = copy();
        KeptExports exports = exports();
        List<ImageExport> made = new ArrayList<>();
        for (int i = 0; i < MAX; i++) {
            made.add(exports.make("vm1", copy.file(), copy.log(), true));
        }
        assertThat(errorOf(() -> exports.make("vm1", copy.file(), copy.log(), true)))
                .isEqualTo(ServiceError.NO_ROOM);
        made.get(3).close();
        exports.make("vm1", copy.file(), copy.log(), true);
        assertThat(files()).isEqualTo(MAX);
        assertThat(errorOf(() -> exports.get("vm1", true, made.get(3).tag()))).isEqualTo(ServiceError.GONE);
    }

    private KeptExports onADiskThatIsFullAfter(int questions) throws IOException {
        int[] left = {questions};
        return new KeptExports(kept(), () -> new UUID(5, ++ids), () -> nowNanos, () -> {
            if (left[0]-- == 0) {
                throw new ServiceException(ServiceError.NO_ROOM, "full");
            }
        });
    }

    /** Deliberate bugs: the disk is looked at once, or what was copied until then stays. */
    @Test
    void aCopyThatOutgrowsTheRoomLeavesNothing() throws IOException {
        TestCopy copy = copy();
        KeptExports before = onADiskThatIsFullAfter(0);
        assertThatThrownBy(() -> before.make("vm1", copy.file(), copy.log(), true))
                .hasMessage("full");
        KeptExports meanwhile = onADiskThatIsFullAfter(1);
        assertThatThrownBy(() -> meanwhile.make("vm1", copy.file(), copy.log(), true))
                .hasMessage("full");
        assertThat(files()).isZero();
    }

    /** Copies of large images take long, and the disk has room for so many of them. */
    @Test
    void copiesThatAreBeingMadeCountToo() throws IOException {
        TestCopy copy = copy();
        List<ServiceError> refused = new ArrayList<>();
        KeptExports[] exports = new KeptExports[1];
        int[] more = {MAX};
        exports[0] = new KeptExports(
                kept(),
                () -> {
                    if (more[0]-- > 0) { // while this one is being made, another is asked for
                        try {
                            exports[0].make("vm1", copy.file(), copy.log(), true);
                        } catch (ServiceException e) {
                            refused.add(e.error());
                        } catch (IOException e) {
                            throw new AssertionError(e);
                        }
                    }
                    return new UUID(5, ++ids);
                },
                () -> nowNanos,
                () -> {});
        exports[0].make("vm1", copy.file(), copy.log(), true);
        assertThat(refused).containsExactly(ServiceError.NO_ROOM);
        assertThat(files()).isEqualTo(MAX);
    }

    @Test
    void aCopyThatFailsLeavesNothingAndNoLessRoom() throws IOException {
        TestCopy copy = copy();
        KeptExports exports = exports();
        for (int i = 0; i < MAX + 1; i++) {
            Files.createDirectories(kept().resolve(new UUID(5, ids + 1) + ".qed"));
            assertThatThrownBy(() -> exports.make("vm1", copy.file(), copy.log(), true))
                    .isInstanceOf(IOException.class)
                    .isNotInstanceOf(ServiceException.class);
        }
        assertThat(files()).isZero();
    }

    @Test
    void itsExtentsAreWhatItHolds() throws IOException {
        TestCopy copy = copy();
        try (ImageExport export = exports().make("vm1", copy.file(), copy.log(), true)) {
            long end = 0;
            for (ImageExport.Extent extent : export.extents()) {
                assertThat(extent.fileOffset()).isGreaterThanOrEqualTo(end);
                end = extent.fileOffset() + extent.lengthBytes();
            }
            assertThat(end).isPositive().isLessThanOrEqualTo(export.lengthBytes());
        }
    }
}
