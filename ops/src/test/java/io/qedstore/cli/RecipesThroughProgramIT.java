package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.recipe.RecipeTable;
import io.qedstore.qed.recipe.RecipeTable.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * A shell runs each recipe as it stands in the table, with our program in qemu-img's place and the engine in qemu-io's.
 * The result has the digest that qemu's own tools gave it.
 */
@Tag("once") // on one JDK
class RecipesThroughProgramIT {
    private static final String JAVA = Path.of(System.getProperty("java.home"), "bin", "java")
            + " -XX:TieredStopAtLevel=1 -XX:+UseSerialGC --enable-native-access=ALL-UNNAMED -cp '"
            + System.getProperty("java.class.path") + "'";

    private final Path folder;
    private final Path tools;

    RecipesThroughProgramIT(@TempDir Path folder, @TempDir Path tools) {
        this.folder = folder;
        this.tools = tools;
    }

    @BeforeEach
    void putOurProgramsInQemusPlace() throws IOException {
        // The one thing that our program does not do is to create raw files. qemu-img writes their first block, and
        // what convert makes of a raw file depends on where that has holes.
        script("qemu-img", """
                case "$*" in
                    'create -q -f raw '*)
                        truncate -s "${6^^}" "$5"
                        exec dd if=/dev/zero of="$5" bs=4096 count=1 conv=notrunc status=none ;;
                esac
                exec %s io.qedstore.cli.Main file "$@"
                """.formatted(JAVA));
        script("qemu-io", "exec %s io.qedstore.cli.QemuIoProgram \"$@\"".formatted(JAVA));
    }

    private void script(String name, String body) throws IOException {
        Path file = Files.writeString(tools.resolve(name), "#!/bin/bash\n" + body);
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static Stream<Recipe> recipes() {
        return RecipeTable.all().stream();
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void givesTheFileThatQemuGives(Recipe recipe) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of("PATH", tools + ":" + System.getenv("PATH"));
        Program.Result shell = Processes.run(folder, environment, List.of("bash", "-c", recipe.commands()));
        assertThat(shell.exitCode()).as(shell.err()).isZero();
        String digest = Processes.run(folder, "sha256sum", recipe.file()).out().split(" ", 2)[0];
        if (recipe.name().startsWith(RecipeTable.QUIRK)) {
            assertThat(digest).as("qemu's error is not repeated").isNotEqualTo(recipe.sha256());
        } else {
            assertThat(digest).isEqualTo(recipe.sha256());
        }
    }
}
