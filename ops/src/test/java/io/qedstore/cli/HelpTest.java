package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import picocli.CommandLine;

/** Every command can be learned from its help. */
class HelpTest {
    /** They take no arguments of which one would have to see an example. */
    private static final Set<String> SELF_EVIDENT = Set.of("help", "demo");

    static List<List<String>> commands() {
        List<List<String>> commands = new ArrayList<>();
        collect(new CommandLine(new Main()), List.of(), commands);
        return commands;
    }

    private static void collect(CommandLine command, List<String> words, List<List<String>> found) {
        if (command.getSubcommands().isEmpty()) {
            found.add(words);
        }
        command.getSubcommands().forEach((name, sub) -> {
            List<String> longer = new ArrayList<>(words);
            longer.add(name);
            if (!SELF_EVIDENT.contains(name)) {
                collect(sub, longer, found);
            }
        });
    }

    @ParameterizedTest
    @MethodSource("commands")
    void helpShowsAnExampleOfTheCommand(List<String> words) {
        List<Object> args = new ArrayList<>(words);
        args.add("--help");
        Program.Result result = Program.run(args.toArray());
        assertThat(result.exitCode()).isZero();
        assertThat(result.err()).isEmpty();
        String command = "qedstore " + String.join(" ", words);
        assertThat(result.out()).startsWith("Usage: " + command).contains("Example");
        assertThat(result.out().substring(result.out().indexOf("Example"))).contains(command);
    }

    @Test
    void theGroupsListTheirCommands() {
        assertThat(Program.run("image", "--help").out())
                .contains("create", "list", "show", "rename", "resize", "set", "delete", "undelete", "snapshot")
                .contains("promote", "export");
        assertThat(Program.run("image").exitCode()).isEqualTo(2);
        assertThat(Program.run("image", "frobnicate").exitCode()).isEqualTo(2);
    }

    @Test
    void aShellLearnsTheCommands() {
        Program.Result script = Program.run("generate-completion");
        assertThat(script.exitCode()).isZero();
        assertThat(script.out()).contains("complete -F", "qedstore", "undelete", "--cluster-size");
    }
}
