package io.qedstore.cli;

import io.qedstore.qed.format.HeaderLayout;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --layout=draft-2010}: the only way to say that a header has the first posted layout. */
final class LayoutOption {
    static final String DRAFT = "draft-2010";

    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    private @Nullable HeaderLayout layout;

    @Option(
            names = "--layout",
            paramLabel = "LAYOUT",
            description = "Header layout: final (the default), or draft-2010, the first posted one.")
    void setLayout(String name) {
        layout = switch (name) {
            case DRAFT -> HeaderLayout.DRAFT_2010;
            case "final" -> HeaderLayout.FINAL;
            default ->
                throw new ParameterException(
                        spec.commandLine(),
                        "Invalid value for option '--layout': expected final or draft-2010, found '" + name + "'");
        };
    }

    HeaderLayout layout() {
        return given().orElse(HeaderLayout.FINAL);
    }

    Optional<HeaderLayout> given() {
        return Optional.ofNullable(layout);
    }
}
