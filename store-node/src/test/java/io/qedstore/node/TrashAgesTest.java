package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TrashAgesTest {
    private static final Duration MINUTE = Duration.ofMinutes(1);
    private static final CatalogImage ONE = deleted(1, 1000);
    private static final CatalogImage OTHER = deleted(2, 1000);

    private final Path file;

    TrashAgesTest(@TempDir Path folder) {
        this.file = folder.resolve("trash");
    }

    private static CatalogImage deleted(long id, long sinceMicros) {
        return new CatalogImage(
                ImageId.of(0, id),
                LineageId.of(3, 4),
                new ImageName("vm1"),
                ImageLife.TRASHED,
                1 << 20,
                new ImageGeometry(65536, 2),
                DigestAlgorithm.XXH3_128,
                Optional.empty(),
                ImageSettings.DEFAULT,
                new Placement(new NodeId("one"), List.of()),
                Sequence.NONE,
                1,
                sinceMicros);
    }

    @Test
    void timeAddsUpAlsoOverAStart() throws IOException {
        TrashAges before = TrashAges.load(file);
        before.pass(MINUTE, List.of(ONE));
        assertThat(before.of(ONE)).as("it has just come").isEqualTo(Duration.ZERO);
        before.pass(MINUTE, List.of(ONE));
        before.pass(MINUTE, List.of(ONE, OTHER));
        TrashAges after = TrashAges.load(file);
        assertThat(after.of(ONE)).isEqualTo(MINUTE.multipliedBy(2));
        assertThat(after.of(OTHER)).isEqualTo(Duration.ZERO);
        after.pass(MINUTE, List.of(ONE, OTHER));
        assertThat(after.of(ONE)).isEqualTo(MINUTE.multipliedBy(3));
    }

    @Test
    void whatCameBackAndIsDeletedAgainBeginsAnew() throws IOException {
        TrashAges ages = TrashAges.load(file);
        ages.pass(MINUTE, List.of(ONE));
        ages.pass(MINUTE, List.of(ONE));
        assertThat(ages.of(ONE)).isEqualTo(MINUTE);
        ages.pass(MINUTE, List.of());
        assertThat(ages.of(ONE)).isEqualTo(Duration.ZERO);
        ages.pass(MINUTE, List.of(ONE));
        CatalogImage again = deleted(1, 2000); // in less than a minute
        assertThat(ages.of(again)).isEqualTo(Duration.ZERO);
        ages.pass(MINUTE, List.of(again));
        ages.pass(MINUTE, List.of(again));
        assertThat(ages.of(again)).isEqualTo(MINUTE);
        assertThat(ages.of(ONE)).isEqualTo(Duration.ZERO);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "x", "1 2 3", "00000000-0000-0000-0000-000000000001 1000 60 60", "\0\0\0\0"})
    void aFileThatSaysNothingMakesNothingOlder(String text) throws IOException {
        Files.writeString(file, text);
        TrashAges ages = TrashAges.load(file);
        assertThat(ages.of(ONE)).isEqualTo(Duration.ZERO);
        ages.pass(MINUTE, List.of(ONE));
        ages.pass(MINUTE, List.of(ONE));
        assertThat(TrashAges.load(file).of(ONE)).isEqualTo(MINUTE);
    }

    @Test
    void theStepsAreShortWhereTheTimeIs() {
        assertThat(Trash.step(Duration.ZERO)).isEqualTo(Duration.ofSeconds(1));
        assertThat(Trash.step(Duration.ofSeconds(150))).isEqualTo(Duration.ofSeconds(2));
        assertThat(Trash.step(Duration.ofDays(7))).isEqualTo(MINUTE);
    }
}
