package io.qedstore.cli;

import io.qedstore.rebuild.Point;
import java.time.Instant;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code --at=POINT}, where no node is asked. */
final class PointArgument {
    private PointArgument() {}

    /** @throws ParameterException if it is no point, or lies in the future */
    static Point parse(String at, CommandSpec spec) {
        Point point;
        try {
            point = Point.parse(at);
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), "--at: " + e.getMessage());
        }
        if (point instanceof Point.AtTime then && then.time().isAfter(Instant.now())) {
            throw new ParameterException(
                    spec.commandLine(), "--at=" + at + " lies in the future; expected a time until now");
        }
        return point;
    }
}
