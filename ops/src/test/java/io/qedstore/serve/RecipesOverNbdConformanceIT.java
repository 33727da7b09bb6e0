package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Processes;
import io.qedstore.cli.Program;
import io.qedstore.qed.recipe.RecipeTable;
import io.qedstore.qed.recipe.RecipeTable.Recipe;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each recipe that writes or reads a QED file with qemu-io does so through our server: qemu-io sees a raw disk behind a URI,
 * and the file has the digest that it has when qemu's driver writes it.
 *
 * <p>A script in qemu-io's place serves the file, runs the real qemu-io on the URI, and stops the server with SIGTERM; where
 * the recipe lets qemu-io kill itself, with SIGKILL. {@code write -z} becomes {@code write -z -u}: without {@code -u}, qemu's
 * NBD client asks for zeros that hold their space, which its QED driver never does.
 *
 * <p>Left out are the recipes in which no QED file meets qemu-io: those that only create, rebase or convert. Their files
 * never pass the server.
 */
@Tag("once") // on one JDK
class RecipesOverNbdConformanceIT {
    private static final Pattern SERVED = Pattern.compile("qemu-io( -r)? -f qed ");

    private static final String QEMU_IO = """
            #!/bin/bash
            set -eu
            PATH=${PATH#*:} # without this script
            case "$*" in *'-f qed '*) ;; *) exec qemu-io "$@" ;; esac
            options=() io=() signal=TERM
            while [ $# -gt 1 ]; do
                case $1 in
                    -r) options+=(--read-only) io+=(-r); shift ;;
                    -f) shift 2 ;;
                    -c)
                        case $2 in
                            'sigraise 9') signal=KILL ;;
                            'write -z '*) io+=(-c "write -z -u ${2#write -z }") ;;
                            *) io+=(-c "$2") ;;
                        esac
                        shift 2 ;;
                esac
            done
            ready=$(mktemp -u "$0.XXXXXX")
            mkfifo "$ready"
            @QEDSTORE@ file serve "${options[@]}" --socket="$ready.sock" "$1" > "$ready" &
            server=$!
            trap 'kill -KILL "$server"' EXIT
            read -r -t 60 _ uri < "$ready"
            output=$(qemu-io "${io[@]}" -f raw "$uri")
            case $output in *failed*) echo "$output" >&2; exit 1 ;; esac
            trap - EXIT
            kill "-$signal" "$server"
            wait "$server"
            """;

    private final Path folder;
    private final Path tools;
    private final ForeignPrograms programs;

    RecipesOverNbdConformanceIT(@TempDir Path folder, @TempDir Path tools) throws IOException, InterruptedException {
        this.folder = folder;
        this.tools = tools;
        this.programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io");
    }

    @BeforeEach
    void putTheServerBetweenQemuIoAndItsFile() throws IOException {
        String program = ServedFile.QEDSTORE.stream().collect(Collectors.joining("' '", "'", "'"));
        Path script = Files.writeString(tools.resolve("qemu-io"), QEMU_IO.replace("@QEDSTORE@", program));
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    static Stream<Recipe> recipes() {
        return RecipeTable.all().stream().filter(RecipesOverNbdConformanceIT::isServed);
    }

    private static boolean isServed(Recipe recipe) {
        return SERVED.matcher(recipe.commands()).find();
    }

    @Test
    void onlyRecipesWithoutRequestsAreLeftOut() {
        assertThat(RecipeTable.all().stream()
                        .filter(recipe -> !isServed(recipe))
                        .map(recipe -> recipe.name().replaceFirst("-.*", "")))
                .containsOnly("create", "rebase", "convert");
    }

    @ParameterizedTest
    @MethodSource("recipes")
    void givesTheFileThatQemusDriverGives(Recipe recipe) throws IOException, InterruptedException {
        Map<String, String> environment = Map.of("PATH", tools + ":" + System.getenv("PATH"));
        Program.Result shell = Processes.run(folder, environment, List.of("bash", "-c", recipe.commands()));
        assertThat(shell.exitCode()).as(shell.out() + shell.err()).isZero();
        String digest = programs.succeed("sha256sum", recipe.file()).split(" ", 2)[0];
        if (recipe.name().startsWith(RecipeTable.QUIRK)) {
            assertThat(digest).as("qemu's error is not repeated").isNotEqualTo(recipe.sha256());
        } else {
            assertThat(digest).isEqualTo(recipe.sha256());
        }
    }
}
