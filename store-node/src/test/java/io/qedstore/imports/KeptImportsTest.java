package io.qedstore.imports;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.NewImportRequest;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class KeptImportsTest {
    private static final ImageName NAME = new ImageName("vm1");
    private static final Placement HERE = new Placement(new NodeId("one"), List.of());
    private static final int LENGTH = (3 << 20) + 77;

    private final Path folder;
    private final KeptImports imports;
    private long nowNanos;

    KeptImportsTest(@TempDir Path temp) throws IOException {
        folder = temp.resolve("imports");
        imports = new KeptImports(folder, () -> nowNanos);
    }

    @Test
    void aFileArrivesInPiecesAndWhatIsLeftOutIsZeros() throws IOException {
        byte[] whole = new byte[LENGTH];
        Arrays.fill(whole, 10, 5000, (byte) 7);
        Arrays.fill(whole, 2 << 20, LENGTH, (byte) 9);
        KeptImport into = begin(request(whole));
        into.take(0, Arrays.copyOf(whole, 8192));
        into.take(2 << 20, Arrays.copyOfRange(whole, 2 << 20, 3 << 20));
        assertThat(into.state().nextOffset()).isEqualTo(3 << 20);
        into.take(2 << 20, Arrays.copyOfRange(whole, 2 << 20, 3 << 20)); // its answer was lost
        into.take(3 << 20, Arrays.copyOfRange(whole, 3 << 20, LENGTH));
        into.requireWhole();
        assertThat(into.file().length()).isEqualTo(LENGTH);
        into.close();
        try (ChannelImageFile file = ChannelImageFile.open(onlyFile(), FileAccess.READ)) {
            assertThat(file.allocatedBytes()).isLessThan((1 << 20) + 77 + 64 * 1024);
        }
    }

    @Test
    void whatHasNotArrivedWholeIsNoticed() throws IOException {
        byte[] whole = new byte[LENGTH];
        whole[LENGTH - 1] = 1;
        KeptImport into = begin(request(whole));
        into.take(0, new byte[4096]);
        assertRefused(into::requireWhole, ServiceError.INVALID, "what has arrived is not the file");
    }

    @Test
    void whatIsNoPieceIsRefused() throws IOException {
        KeptImport into = begin(request(new byte[LENGTH]));
        assertRefused(() -> into.take(-1, new byte[1]), ServiceError.INVALID, "expected 1 to 1048576 bytes");
        assertRefused(() -> into.take(0, new byte[0]), ServiceError.INVALID, "a piece of 0 bytes");
        assertRefused(() -> into.take(0, new byte[(1 << 20) + 1]), ServiceError.INVALID, "a piece of 1048577");
        assertRefused(() -> into.take(LENGTH, new byte[1]), ServiceError.INVALID, "within the file's " + LENGTH);
        assertRefused(() -> into.take(Long.MAX_VALUE, new byte[1]), ServiceError.INVALID, "a piece of 1 bytes");
        assertThat(into.arrived()).isTrue();
        assertThat(into.arrived()).isFalse();
        assertRefused(() -> into.take(0, new byte[1]), ServiceError.CONFLICT, "takes no more pieces");
    }

    @Test
    void theSameRequestGoesOnWithWhatIsThere() throws IOException {
        NewImportRequest request = request(new byte[LENGTH]);
        KeptImport begun = begin(request);
        assertThat(imports.begun(NAME, request)).contains(begun);
        assertThat(imports.begun(new ImageName("vm2"), request)).isEmpty();
        assertThat(imports.begun(NAME, request(new byte[] {1}))).isEmpty();
        begun.failed("a test");
        assertThat(imports.begun(NAME, request)).isEmpty();
        assertThat(files()).isEmpty();
    }

    @Test
    void whatNobodyAsksForIsForgottenAfterAnHour() throws IOException {
        KeptImport begun = begin(request(new byte[LENGTH]));
        nowNanos += Duration.ofMinutes(59).toNanos();
        imports.tick();
        assertThat(imports.get(NAME, begun.id().toString())).isSameAs(begun);
        nowNanos += Duration.ofMinutes(61).toNanos();
        imports.tick();
        assertRefused(() -> imports.get(NAME, begun.id().toString()), ServiceError.GONE, "is not kept any more");
        assertThat(files()).isEmpty();
    }

    @Test
    void whatIsOnItsWayIntoTheLogIsNotForgottenNorDropped() throws IOException {
        KeptImport begun = begin(request(new byte[LENGTH]));
        begun.arrived();
        nowNanos += Duration.ofDays(1).toNanos();
        imports.tick();
        assertRefused(() -> imports.drop(begun), ServiceError.CONFLICT, "is under way");
        begun.becameImage(new Sequence(3));
        assertThat(files()).isEmpty();
        imports.drop(begun);
        assertRefused(() -> imports.get(NAME, begun.id().toString()), ServiceError.GONE, "begin it again");
    }

    @Test
    void filesOfNoImportOfThisRunAreRemains() throws IOException {
        KeptImport left = begin(request(new byte[LENGTH]));
        KeptImport uncertain = begin(request(new byte[] {5}));
        uncertain.leftBehind("a test");
        assertThat(imports.remains()).isEmpty();
        KeptImports anew = new KeptImports(folder, () -> nowNanos);
        assertThat(anew.remains()).containsExactlyInAnyOrder(left.id(), uncertain.id());
        anew.removeRemains(left.id());
        assertThat(anew.remains()).containsExactly(uncertain.id());
        nowNanos += Duration.ofHours(2).toNanos();
        imports.tick();
        assertThat(imports.remains()).containsExactly(uncertain.id());
    }

    @Test
    void onlySoManyAreKeptAtATime() throws IOException {
        for (int i = 0; i < 16; i++) {
            begin(request(new byte[i + 1]));
        }
        assertRefused(() -> begin(request(new byte[17])), ServiceError.NO_ROOM, "try again when one is done");
    }

    private int ids;

    private KeptImport begin(NewImportRequest request) throws IOException {
        return imports.begin(ImageId.of(7, ++ids), NAME, request, HERE);
    }

    private static NewImportRequest request(byte[] file) throws IOException {
        return new NewImportRequest(
                file.length,
                ContentScan.sum(MemoryImageFile.of(file), DigestAlgorithm.XXH3_128)
                        .toString(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> found = Files.list(folder)) {
            return found.toList();
        }
    }

    private Path onlyFile() throws IOException {
        assertThat(files()).hasSize(1);
        return files().get(0);
    }

    private static void assertRefused(
            org.assertj.core.api.ThrowableAssert.ThrowingCallable what, ServiceError error, String part) {
        assertThatThrownBy(what)
                .isInstanceOfSatisfying(ServiceException.class, refused -> assertThat(refused.error())
                        .isEqualTo(error))
                .hasMessageContaining(part);
    }
}
