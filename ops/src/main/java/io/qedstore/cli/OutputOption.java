package io.qedstore.cli;

import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --output=human|json}. */
final class OutputOption {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    private boolean json;

    @Option(names = "--output", paramLabel = "FORMAT", description = "human (the default) or json.")
    void setOutput(String name) {
        json = switch (name) {
            case "json" -> true;
            case "human" -> false;
            default ->
                throw new ParameterException(
                        spec.commandLine(),
                        "--output must be used with human or json as argument (found '" + name + "')");
        };
    }

    boolean isJson() {
        return json;
    }
}
