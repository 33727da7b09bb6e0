package io.qedstore.qed.recipe;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.recipe.RecipeTable.Recipe;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** The engine makes the files that qemu makes, byte for byte, and where qemu is wrong the right ones. */
class RecipeTest {
    /** What is more than one image's engine: the command line's tests run these with the program. */
    private static final Set<String> FOR_THE_PROGRAM =
            Set.of("commit-qed-into-qed-grows-base", "commit-leaves-overlay-unchanged", "convert-raw-to-qed-S0");

    private final Path folder;

    RecipeTest(@TempDir Path folder) {
        this.folder = folder;
    }

    static Stream<Recipe> faithful() {
        return RecipeTable.all().stream()
                .filter(recipe -> !recipe.name().startsWith(RecipeTable.QUIRK))
                .filter(recipe -> !FOR_THE_PROGRAM.contains(recipe.name()));
    }

    @ParameterizedTest
    @MethodSource("faithful")
    void makesTheSameFileAsQemu(Recipe recipe) throws IOException {
        assertThat(sha256After(recipe)).isEqualTo(recipe.sha256());
    }

    @Test
    void everyQuirkHasATestOfItsOwn() {
        assertThat(RecipeTable.all())
                .extracting(Recipe::name)
                .filteredOn(name -> name.startsWith(RecipeTable.QUIRK))
                .containsExactlyInAnyOrder(
                        "quirk-zero-cluster-partial-write-reads-backing",
                        "quirk-write-4095-clusters-links-4096",
                        "quirk-zero-4095-clusters-zeroes-neighbour");
    }

    @Test
    void aPartlyWrittenZeroClusterKeepsItsZeros() throws IOException {
        Recipe recipe = RecipeTable.named("quirk-zero-cluster-partial-write-reads-backing");
        assertThat(sha256After(recipe)).isNotEqualTo(recipe.sha256());
        assertThat(read(4096, 1024)).containsOnly(0);
        assertThat(read(5120, 1024)).containsOnly(0xaa);
        assertThat(read(6144, 2048)).containsOnly(0);
        assertThat(read(16384, 512)).containsOnly(0x55);
    }

    @Test
    void aWriteOf4095ClustersLinksThatManyAndNoMore() throws IOException {
        Recipe recipe = RecipeTable.named("quirk-write-4095-clusters-links-4096");
        assertThat(sha256After(recipe)).isNotEqualTo(recipe.sha256());
        assertThat(read(16773120 - 512, 512)).containsOnly(0xaa);
        assertThat(read(16773120, 4096)).containsOnly(0);
        assertThat(Files.size(folder.resolve("a.qed"))).isEqualTo((1 + 16 + 4095 + 16) * 4096L);
    }

    @Test
    void zerosOver4095ClustersLeaveTheNeighbourIntact() throws IOException {
        Recipe recipe = RecipeTable.named("quirk-zero-4095-clusters-zeroes-neighbour");
        assertThat(sha256After(recipe)).isNotEqualTo(recipe.sha256());
        assertThat(read(16773120 - 4096, 4096)).containsOnly(0);
        assertThat(read(16773120, 4096)).containsOnly(0xaa);
    }

    private int[] read(long guestOffset, int lengthBytes) throws IOException {
        ByteBuffer bytes = ByteBuffer.allocate(lengthBytes);
        try (PlainImage image = PlainImage.open(folder.resolve("a.qed"))) {
            image.read(guestOffset, bytes);
        }
        int[] unsigned = new int[lengthBytes];
        for (int i = 0; i < lengthBytes; i++) {
            unsigned[i] = Byte.toUnsignedInt(bytes.get(i));
        }
        return unsigned;
    }

    private String sha256After(Recipe recipe) throws IOException {
        new RecipeShell(folder).run(recipe.commands());
        return sha256(folder.resolve(recipe.file()));
    }

    /** Reads the file in pieces: some recipes make files of tens of megabytes. */
    private static String sha256(Path path) throws IOException {
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.READ)) {
            MessageDigest digest = MessageDigest.getInstance("SHA-256");
            ByteBuffer chunk = ByteBuffer.allocate(1 << 20);
            for (long at = 0; at < file.length(); at += chunk.capacity()) {
                chunk.clear().limit((int) Math.min(chunk.capacity(), file.length() - at));
                file.read(at, chunk);
                digest.update(chunk.flip());
            }
            return HexFormat.of().formatHex(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }

    @Test
    void onlyTheRecipesOfTheProgramAreLeftOut() {
        List<String> leftOut = RecipeTable.all().stream()
                .filter(recipe -> recipe.commands().contains("qemu-img commit")
                        || recipe.commands().contains("qemu-img convert"))
                .map(Recipe::name)
                .toList();
        assertThat(leftOut).containsExactlyInAnyOrderElementsOf(FOR_THE_PROGRAM);
    }
}
