package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** The life of {@code file serve} as a program: its start, its end, and who else wants the file or the socket. */
class ServeProgramConformanceIT {
    private static final int FEATURES_AT = 16;
    private static final int NEED_CHECK = 2;

    private final Path folder;
    private final Path socket;
    private final Path file;
    private final ForeignPrograms programs;

    ServeProgramConformanceIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.socket = folder.resolve("nbd.sock");
        this.programs = ForeignPrograms.in(folder, "qemu-img", "qemu-io", "nbdinfo", ForeignPrograms.LIBNBD);
        this.file = programs.image("a.qed", "cluster_size=64k", "64M");
    }

    private boolean needsCheck() throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "r")) {
            bytes.seek(FEATURES_AT);
            return (bytes.readByte() & NEED_CHECK) != 0;
        }
    }

    /** Runs the command in this process, where it must fail. */
    private static Program.Result failing(Object... arguments) {
        List<Object> words = new ArrayList<>(List.of("file", "serve"));
        words.addAll(List.of(arguments));
        Program.Result result = Program.run(words.toArray());
        assertThat(result.out()).isEmpty();
        assertThat(result.err()).as("one sentence").matches("qedstore: [^\n]+\n");
        return result;
    }

    private Program.Result failsOnSocket(Path path) {
        Program.Result result = failing("--socket=" + path, file);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).contains(path.toString());
        return result;
    }

    @ParameterizedTest
    @ValueSource(strings = {"TERM", "INT"})
    void aSignalEndsItInGoodOrder(String signal) throws IOException, InterruptedException {
        try (ServedFile server = ServedFile.start(folder, "--socket=" + socket, file)) {
            programs.qemuIo(server.uri(), "write -P 1 0 1M");
            assertThat(needsCheck())
                    .as("the file is marked while it is written")
                    .isTrue();
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo("rw-------");
            programs.succeed("kill", "-" + signal, server.pid());
            Program.Result result = server.stop();
            assertThat(result.exitCode()).isZero();
            assertThat(result.err()).isEmpty();
        }
        assertThat(needsCheck()).isFalse();
        assertThat(socket).doesNotExist();
        programs.succeed("qemu-img", "check", "-q", file);
        programs.succeed("qemu-io", "-r", "-f", "qed", "-c", "read -P 1 0 1M", file);
    }

    @Test
    void clientsThatDoNotLeaveDoNotKeepItFromEnding() throws IOException, InterruptedException {
        try (ServedFile server = ServedFile.start(folder, "--listen=127.0.0.1:0", file)) {
            programs.libnbd(server.uri(), """
                    import os, signal
                    idle, half_open = connect(), nbd.NBD()
                    half_open.set_opt_mode(True)
                    half_open.connect_uri(URI)
                    h = connect()
                    written = []

                    def done(i):
                        return lambda error: error.value == 0 and written.append(i) or 1

                    for i in range(400):
                        data = nbd.Buffer.from_bytearray(bytearray(bytes([1 + i %% 255]) * 65536))
                        try:
                            h.aio_pwrite(data, i * 65536, done(i))
                        except nbd.Error:
                            assert i > 200 # the server has ended by then
                            break
                        if i == 200:
                            while len(written) < 50:
                                h.poll(60000)
                            os.kill(%d, signal.SIGTERM)
                    until_closed(h)
                    assert 50 <= len(written)
                    with open("written", "w") as file:
                        file.write("\\n".join(str(i) for i in written))
                    until_closed(idle)
                    """.formatted(server.pid()));
            assertThat(server.stop().exitCode()).isZero();
        }
        assertThat(needsCheck()).isFalse();
        programs.succeed("qemu-img", "check", "-q", file);
        assertAcknowledgedWritesAreThere();
    }

    private void assertAcknowledgedWritesAreThere() throws IOException, InterruptedException {
        programs.succeed("qemu-img", "convert", "-f", "qed", "-O", "raw", file, "content.raw");
        try (RandomAccessFile content =
                new RandomAccessFile(folder.resolve("content.raw").toFile(), "r")) {
            byte[] found = new byte[65536];
            byte[] expected = new byte[65536];
            for (String number : Files.readAllLines(folder.resolve("written"))) {
                int i = Integer.parseInt(number);
                content.seek(i * 65536L);
                content.readFully(found);
                Arrays.fill(expected, (byte) (1 + i % 255));
                assertThat(Arrays.equals(found, expected)).as("block " + i).isTrue();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"writeback", "writethrough"})
    void whatWasAnsweredOutlivesAKilledServer(String cache) throws IOException, InterruptedException {
        try (ServedFile server = ServedFile.start(folder, "--cache=" + cache, "--socket=" + socket, file)) {
            programs.libnbd(server.uri(), """
                    import os, signal
                    h = connect()
                    written = []

                    def done(i):
                        return lambda error: error.value == 0 and written.append(i) or 1

                    for i in range(900):
                        h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(bytes([1 + i %% 255]) * 65536)), i * 65536, done(i))
                        if i %% 50 == 49:
                            h.aio_flush()
                        while h.aio_in_flight() > 32:
                            h.poll(60000)
                        if len(written) > 300:
                            os.kill(%d, signal.SIGKILL)
                            break
                    until_closed(h)
                    with open("written", "w") as file:
                        file.write("\\n".join(str(i) for i in written))
                    """.formatted(server.pid()));
        }
        assertThat(needsCheck()).as("it had no time to clear the mark").isTrue();
        assertThat(socket).as("nor to clear away").exists();
        try (ServedFile server = ServedFile.start(folder, "--socket=" + socket, file)) {
            programs.qemuIo(server.uri(), "write -P 7 63M 64k");
            assertThat(server.stop().exitCode()).isZero();
        }
        assertThat(needsCheck()).isFalse();
        assertThat(programs.run("qemu-img", "check", "-q", file).exitCode())
                .as("no errors, but clusters of writes that the kill cut off may be left over (3)")
                .isIn(0, 3);
        assertAcknowledgedWritesAreThere();
    }

    @Test
    void aSocketInUseIsLeftToItsServer() throws IOException, InterruptedException {
        Path other = programs.image("other.qed", "cluster_size=64k", "1M");
        try (ServedFile server = ServedFile.start(folder, "--socket=" + socket, other)) {
            assertThat(failsOnSocket(socket).err()).contains("another server listens");
            assertThat(programs.succeed("nbdinfo", "--size", server.uri())).isEqualTo((1 << 20) + "\n");
        }
        try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Program.Result result = failing("--listen=127.0.0.1:" + taken.getLocalPort(), file);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).contains("127.0.0.1:" + taken.getLocalPort(), "in use");
        }
        programs.succeed("qemu-img", "check", "-q", file);
    }

    @Test
    void aFileInTheSocketsPlaceIsRefusedAndKept() throws IOException {
        Files.writeString(socket, "precious");
        assertThat(failsOnSocket(socket).err()).contains("no socket");
        assertThat(socket).hasContent("precious");
        Path directory = Files.createDirectory(folder.resolve("directory"));
        assertThat(failsOnSocket(directory).err()).contains("no socket");
    }

    @Test
    void aSocketPathThatTheSystemCannotTakeIsRefused() {
        Path path = folder.resolve("s".repeat(108 - folder.toString().length() - 1));
        assertThat(failsOnSocket(path).err()).contains("108 bytes", "107");
        assertThat(failsOnSocket(folder.resolve("missing/nbd.sock")).err()).contains("No such file or directory");
    }

    @Test
    void theLongestSocketPathIsTaken() throws IOException, InterruptedException {
        Path path = folder.resolve("s".repeat(107 - folder.toString().length() - 1));
        try (ServedFile server = ServedFile.start(folder, "--socket=" + path, file)) {
            assertThat(programs.succeed("nbdinfo", "--size", server.uri())).isEqualTo((64 << 20) + "\n");
        }
        assertThat(path).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource({"0666, rw-rw-rw-", "620, rw--w----"})
    void theSocketHasTheModeThatWasAskedFor(String mode, String permissions) throws IOException, InterruptedException {
        try (ServedFile server = ServedFile.start(folder, "--socket-mode=" + mode, "--socket=" + socket, file)) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(socket)))
                    .isEqualTo(permissions);
            assertThat(server.uri()).contains(socket.toString());
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a.qed",
                "--socket=s",
                "--socket=s --listen=127.0.0.1:0 a.qed",
                "--listen=127.0.0.1 a.qed",
                "--listen=127.0.0.1:65536 a.qed",
                "--listen=:10809 a.qed",
                "--listen=host.invalid:10809 a.qed",
                "--socket=s --socket-mode=999 a.qed",
                "--socket=s --socket-mode=07777 a.qed",
                "--socket=s --cache=none a.qed",
                "--socket=s --tls=required a.qed",
                "--socket=s --tls=always a.qed",
                "--socket=s --max-connections=many a.qed",
                "--socket=s --max-connections=0 a.qed",
                "--socket=s --unknown a.qed",
                "--socket=s a.qed b.qed"
            })
    void wrongUsageIsExitCodeTwoAndOneSentence(String arguments) {
        Program.Result result =
                failing((Object[]) arguments.replace("a.qed", file.toString()).split(" ", -1));
        assertThat(result.exitCode()).as(result.err()).isEqualTo(2);
    }

    @Test
    void whatCannotBeServedIsExitCodeOneAndOneSentence() throws IOException, InterruptedException {
        Path raw = folder.resolve("raw.img");
        programs.succeed("qemu-img", "create", "-q", "-f", "raw", raw, "1M");
        Path overlay = folder.resolve("overlay.qed");
        programs.succeed("qemu-img", "create", "-q", "-u", "-f", "qed", "-b", "gone.raw", "-F", "raw", overlay, "1M");
        for (Path image : List.of(raw, overlay, folder.resolve("missing.qed"), folder)) {
            Program.Result result = failing("--socket=" + socket, image);
            assertThat(result.exitCode()).isEqualTo(1);
            assertThat(result.err()).contains(image.toString());
        }
        Program.Result tls = failing("--socket=" + socket, "--tls=required", "--tls-creds=" + folder, file);
        assertThat(tls.exitCode()).isEqualTo(1);
        assertThat(tls.err()).contains("server-cert.pem");
        assertThat(socket).doesNotExist();
    }

    @Test
    void nobodyElseOpensAFileThatIsServedForWriting() throws IOException, InterruptedException {
        try (ServedFile server = ServedFile.start(folder, "--socket=" + socket, file)) {
            String holder = "process " + server.pid() + " (java)";
            for (String option : List.of("--read-only", "--cache=writeback")) {
                Program.Result result = failing("--socket=" + folder.resolve("second.sock"), option, file);
                assertThat(result.exitCode()).isEqualTo(1);
                assertThat(result.err()).contains("Failed to get", "lock", holder);
            }
            for (List<Object> command : List.<List<Object>>of(
                    List.of("qemu-img", "check", file),
                    List.of("qemu-img", "resize", "-f", "qed", file, "65M"),
                    List.of("qemu-io", "-f", "qed", "-c", "read 0 512", file))) {
                Program.Result qemu = programs.run(command.toArray());
                assertThat(qemu.exitCode()).isEqualTo(1);
                assertThat(qemu.err()).contains("Failed to get", "lock");
            }
            programs.qemuIo(server.uri(), "write 0 4k");
        }
        programs.succeed("qemu-img", "check", "-q", file);
    }

    @Test
    void moreClientsThanAllowedAreTurnedAway() throws IOException, InterruptedException {
        try (ServedFile server = ServedFile.start(folder, "--max-connections=2", "--socket=" + socket, file)) {
            programs.libnbd(server.uri(), """
                    import time
                    first, second = connect(), connect()
                    try:
                        connect()
                    except nbd.Error:
                        pass
                    else:
                        raise AssertionError("three clients were served")
                    assert first.pread(1, 0) == second.pread(1, 0) == bytes(1)
                    first.shutdown()
                    deadline = time.monotonic() + 60
                    while True:
                        try:
                            connect()
                            break
                        except nbd.Error:
                            assert time.monotonic() < deadline, "a place that is free is not given away"
                    """);
        }
    }
}
