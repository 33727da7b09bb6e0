package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.recipe.RecipeTable;
import io.qedstore.qed.recipe.RecipeTable.Recipe;
import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each recipe whose file begins as an empty image and changes by qemu-io and by resizing alone, through an owner: {@code image
 * create}, the real qemu-io on the NBD export, {@code image resize}. The owner's file and the replica's have the digest that the
 * file has when qemu's driver writes it; both are clean, because the node says so once the last client that may write has left.
 *
 * <p>{@code write -z} becomes {@code write -z -u}: without {@code -u}, qemu's NBD client asks for zeros that hold their space,
 * which its QED driver never does.
 */
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the fields are set before the tests
@Tag("once") // on one JDK
class RecipesThroughNodeConformanceIT {
    private static final Pattern CREATE = Pattern.compile(
            "qemu-img create -q -f qed (?:-o cluster_size=(?<cluster>\\w+),table_size=(?<table>\\d+) )?a\\.qed (?<size>\\w+)");
    private static final Pattern QEMU_IO = Pattern.compile("qemu-io -f qed (?<commands>(?:-c '[^']+' )+)a\\.qed");
    private static final Pattern RESIZE = Pattern.compile("qemu-img resize -q -f qed a\\.qed (?<size>\\w+)");
    private static final Pattern QUOTED = Pattern.compile("'([^']+)'");

    /** The one request that a node cuts, at the boundaries of clusters, because it has more than 512 KiB. */
    private static final String LONG = "write -P 0x22 1000000 600000";

    /** The parts as qemu-io's arguments: its driver gives the same file when they come one after the other. */
    private static final String CUT =
            "write -P 0x22 1000000 48576' -c 'write -P 0x22 1048576 524288' -c 'write -P 0x22 1572864 27136";

    private Path folder;
    private ForeignPrograms programs;
    private NodePair pair;

    @BeforeAll
    void start(@TempDir Path temporary) throws IOException, InterruptedException {
        folder = temporary;
        programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io");
        pair = NodePair.start(folder);
    }

    @AfterAll
    void stop() throws IOException, InterruptedException {
        if (pair != null) {
            pair.stop();
        }
    }

    static Stream<Recipe> recipes() {
        return RecipeTable.all().stream().filter(RecipesThroughNodeConformanceIT::isForNodes);
    }

    private static boolean isForNodes(Recipe recipe) {
        List<String> steps = steps(recipe);
        return steps.size() > 1
                && CREATE.matcher(steps.get(0)).matches()
                && steps.stream()
                        .skip(1)
                        .allMatch(step -> QEMU_IO.matcher(step).matches()
                                || RESIZE.matcher(step).matches());
    }

    private static List<String> steps(Recipe recipe) {
        return List.of(recipe.commands().split(" && ", -1));
    }

    @Test
    void onlyRecipesThatANodeCannotCookAreLeftOut() {
        assertThat(RecipeTable.all().stream().filter(recipe -> !isForNodes(recipe)))
                .as(
                        "those without a write, and those with a backing file, a byte changed behind qemu's back, or a crash")
                .allMatch(recipe -> !recipe.commands().contains("qemu-io -f qed")
                        || recipe.commands().contains(" -b ")
                        || recipe.commands().contains("dd of=")
                        || recipe.commands().contains(">> a.qed")
                        || recipe.commands().contains("sigraise"));
        assertThat(recipes()).hasSizeGreaterThanOrEqualTo(20);
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void bothFilesAreTheOneThatQemusDriverGives(Recipe recipe) throws IOException, InterruptedException {
        PairImage image = cook(steps(recipe));
        image.awaitRest();
        String owners = sha256(image.ownerFile());
        if (recipe.name().startsWith(RecipeTable.QUIRK)) {
            assertThat(owners).as("qemu's error is not repeated").isNotEqualTo(recipe.sha256());
        } else {
            assertThat(owners).as("the owner's file").isEqualTo(expected(recipe));
        }
        assertThat(sha256(image.replicaFile())).as("the replica's file").isEqualTo(owners);
    }

    private String expected(Recipe recipe) throws IOException, InterruptedException {
        if (!recipe.commands().contains(LONG)) {
            return recipe.sha256();
        }
        programs.succeed("bash", "-c", recipe.commands().replace(LONG, CUT));
        return sha256(folder.resolve(recipe.file()));
    }

    private PairImage cook(List<String> steps) throws IOException, InterruptedException {
        PairImage image = create(steps.get(0));
        for (String step : steps.subList(1, steps.size())) {
            Matcher resize = RESIZE.matcher(step);
            if (resize.matches()) {
                pair.ours("image", "resize", image.name(), resize.group("size"));
            } else {
                programs.qemuIo(image.uri(), qemuIoCommands(step));
            }
        }
        return image;
    }

    private PairImage create(String step) throws IOException {
        Matcher words = match(CREATE, step);
        List<String> options = new ArrayList<>();
        if (words.group("cluster") != null) {
            options.add("--cluster-size=" + words.group("cluster"));
            options.add("--table-size=" + words.group("table"));
        }
        return pair.create(words.group("size"), options);
    }

    private static String[] qemuIoCommands(String step) {
        return QUOTED.matcher(match(QEMU_IO, step).group("commands"))
                .results()
                .map(quoted -> quoted.group(1).replaceFirst("^write -z ", "write -z -u "))
                .toArray(String[]::new);
    }

    private static Matcher match(Pattern pattern, String step) {
        Matcher matcher = pattern.matcher(step);
        if (!matcher.matches()) {
            throw new IllegalArgumentException("no such step is known: " + step);
        }
        return matcher;
    }

    private String sha256(Path file) throws IOException, InterruptedException {
        return programs.succeed("sha256sum", file).split(" ", 2)[0];
    }
}
