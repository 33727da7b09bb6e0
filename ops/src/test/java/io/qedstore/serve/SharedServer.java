package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.TestInstance.Lifecycle;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.AfterParameterizedClassInvocation;
import org.junit.jupiter.params.BeforeParameterizedClassInvocation;
import org.junit.jupiter.params.Parameter;
import org.junit.jupiter.params.ParameterizedClass;
import org.junit.jupiter.params.provider.EnumSource;

/**
 * Tests that share one server, for starting one takes longer than most of them; once over TCP and once over a unix socket.
 * Afterwards the server must stop in good order, without a word of complaint, and leave a sound file.
 */
@ParameterizedClass
@EnumSource(Listener.class)
@TestInstance(Lifecycle.PER_CLASS)
@SuppressWarnings("NullAway.Init") // the fields are set before the tests of one kind of socket
abstract class SharedServer {
    @Parameter
    Listener listener;

    ForeignPrograms programs;
    ServedFile server;
    private Path file;

    /** Looks for the programs that the tests need. */
    abstract ForeignPrograms programs(Path folder) throws IOException, InterruptedException;

    /** Makes the image. */
    abstract Path image() throws IOException, InterruptedException;

    /** Options of {@code file serve}, besides where to listen. */
    List<String> options() {
        return List.of();
    }

    @BeforeParameterizedClassInvocation(injectArguments = false)
    void start(@TempDir Path folder) throws IOException, InterruptedException {
        Path own = Files.createDirectory(folder.resolve(listener.name()));
        programs = programs(own);
        file = image();
        List<Object> arguments = new ArrayList<>(options());
        arguments.add(listener.option(own));
        arguments.add(file);
        server = ServedFile.start(own, arguments.toArray());
    }

    @AfterParameterizedClassInvocation(injectArguments = false)
    void stop() throws IOException, InterruptedException {
        try (ServedFile stopping = server) {
            Program.Result result = stopping.stop();
            assertThat(result.exitCode()).as(result.err()).isZero();
            assertThat(result.err()).isEmpty();
        }
        programs.succeed("qemu-img", "check", "-q", "-f", "qed", file);
    }
}
