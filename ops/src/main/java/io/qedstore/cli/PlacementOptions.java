package io.qedstore.cli;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Which nodes a new image lies on; what is missing is the node's to decide. */
final class PlacementOptions {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    @Option(names = "--owner", paramLabel = "NODE", description = "Who owns it (default: the node that is asked).")
    @Nullable
    String owner;

    @Option(
            names = "--replicas",
            paramLabel = "N|NODE,...",
            description = "How many copies besides the owner's, or on which nodes (default: 1 where there are two"
                    + " nodes). A name of digits alone is a number, unless a comma follows it.")
    @Nullable
    String replicas;

    Optional<String> owner() {
        return Optional.ofNullable(owner);
    }

    /** Empty where a number is given, or nothing. */
    Optional<List<String>> nodes() {
        if (replicas == null || isNumber()) {
            return Optional.empty();
        }
        List<String> nodes = List.of(replicas.replaceFirst(",$", "").split(",", -1));
        if (nodes.contains("")) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--replicas expects a number or node ids with commas between, found '" + replicas + "'");
        }
        return Optional.of(nodes);
    }

    OptionalInt count() throws CommandFailure {
        return replicas != null && isNumber()
                ? OptionalInt.of(WholeNumber.parseInt("--replicas", replicas))
                : OptionalInt.empty();
    }

    private boolean isNumber() {
        return replicas != null && replicas.matches("\\d+");
    }
}
