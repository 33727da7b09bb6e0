package io.qedstore.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.conformance.Qemu;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The README's first command does what it says. */
class DemoConformanceIT {
    @BeforeEach
    void needsQemu() {
        Qemu.in(Path.of("."));
    }

    @Test
    void theDemoRunsToItsEnd() {
        Program.Result demo = Program.run("demo");
        assertThat(demo.exitCode()).as(demo.out() + demo.err()).isZero();
        assertThat(demo.out()).contains("Every step was checked");
    }
}
