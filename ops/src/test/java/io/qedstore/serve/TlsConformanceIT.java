package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.cli.Program;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** TLS with GnuTLS on the other side: libnbd's tools and qemu's. */
class TlsConformanceIT {
    private final Path folder;
    private final ForeignPrograms programs;
    private final Certificates certificates;
    private final Path serverFolder;
    private final Path clientFolder;
    private final Path file;

    TlsConformanceIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs = ForeignPrograms.in(
                folder, "qemu-img", "qemu-io", "nbdinfo", "nbdcopy", "openssl", ForeignPrograms.LIBNBD);
        this.certificates = new Certificates(programs, "authority");
        this.serverFolder = certificates.server("server");
        this.clientFolder = certificates.client("client");
        this.file = programs.image("a.qed", "cluster_size=64k", "64M");
    }

    private ServedFile serve(Listener listener, String mode, Object... options)
            throws IOException, InterruptedException {
        Object[] arguments = new Object[options.length + 4];
        System.arraycopy(options, 0, arguments, 4, options.length);
        arguments[0] = listener.option(folder);
        arguments[1] = "--tls=" + mode;
        arguments[2] = "--tls-creds=" + serverFolder;
        arguments[3] = file;
        return ServedFile.start(folder, arguments);
    }

    /** A libnbd URI by which a client insists on TLS, with what is in its folder. */
    private static String tls(ServedFile server, Path credentials) {
        String uri = server.uri().replaceFirst("^nbds?", "nbds");
        return uri + (uri.contains("?") ? "&" : "?") + "tls-certificates=" + credentials + "&tls-verify-peer=1";
    }

    private static String clear(ServedFile server) {
        return server.uri().replaceFirst("^nbds", "nbd");
    }

    private void assertServed(String uri) throws IOException, InterruptedException {
        assertThat(programs.succeed("nbdinfo", "--size", uri)).isEqualTo((64 << 20) + "\n");
    }

    private void assertRefused(String uri, String reason) throws IOException, InterruptedException {
        Program.Result result = programs.run("nbdinfo", "--size", uri);
        assertThat(result.exitCode()).isEqualTo(1);
        assertThat(result.err()).containsIgnoringCase(reason);
    }

    @ParameterizedTest
    @EnumSource(Listener.class)
    void requiredTlsServesNobodyInClear(Listener listener) throws IOException, InterruptedException {
        try (ServedFile server = serve(listener, "required")) {
            assertThat(server.uri()).startsWith(listener == Listener.TCP ? "nbds://" : "nbds+unix://");
            assertServed(tls(server, clientFolder));
            assertThat(programs.run("nbdinfo", "--is", "tls", tls(server, clientFolder))
                            .exitCode())
                    .isZero();
            assertRefused(clear(server), "requires TLS");
            Program.Result list = programs.run("nbdinfo", "--list", clear(server));
            assertThat(list.exitCode()).isEqualTo(1);
            assertThat(programs.run("qemu-img", "info", clear(server)).err()).contains("TLS");
        }
    }

    @ParameterizedTest
    @EnumSource(Listener.class)
    void allowedTlsIsTheClientsChoice(Listener listener) throws IOException, InterruptedException {
        try (ServedFile server = serve(listener, "allowed")) {
            assertThat(server.uri()).startsWith(listener == Listener.TCP ? "nbd://" : "nbd+unix://");
            assertServed(tls(server, clientFolder));
            assertServed(clear(server));
            assertThat(programs.run("nbdinfo", "--is", "tls", clear(server)).exitCode())
                    .isEqualTo(2);
        }
    }

    @Test
    void withoutTlsClientsThatInsistOnItGoAway() throws IOException, InterruptedException {
        try (ServedFile server = serve(Listener.TCP, "off")) {
            assertRefused(tls(server, clientFolder), "TLS");
            assertServed(clear(server));
            Program.Result qemu = qemu(server, clientFolder, "", "read 0 512");
            assertThat(qemu.exitCode()).isEqualTo(1);
            assertThat(qemu.err()).contains("TLS");
        }
    }

    @Test
    void clientsNeedACertificateOfTheRightAuthorityWherePeersAreVerified() throws IOException, InterruptedException {
        Path anonymous = certificates.trustIn("anonymous");
        Path foreign = new Certificates(programs, "other").client("foreign");
        certificates.trustIn("foreign");
        try (ServedFile server = serve(Listener.TCP, "required", "--tls-verify-peer")) {
            assertServed(tls(server, clientFolder));
            assertRefused(tls(server, anonymous), "TLS");
            assertRefused(tls(server, foreign), "TLS");
            assertServed(tls(server, clientFolder));
        }
        try (ServedFile server = serve(Listener.UNIX, "required")) {
            assertServed(tls(server, anonymous));
            assertServed(tls(server, foreign));
        }
    }

    @Test
    void aClientOfAnotherAuthorityDoesNotTrustTheServer() throws IOException, InterruptedException {
        Path doubting = new Certificates(programs, "other").client("doubting");
        try (ServedFile server = serve(Listener.TCP, "required")) {
            assertRefused(tls(server, doubting), "certificate");
            assertServed(tls(server, clientFolder));
        }
    }

    /** qemu-io through TLS, with an option more for the credentials. */
    private Program.Result qemu(ServedFile server, Path credentials, String option, String... commands)
            throws IOException, InterruptedException {
        String place = server.uri().contains("unix:")
                ? "server.type=unix,server.path=" + folder.resolve("nbd.sock") + ",tls-hostname=localhost"
                : "server.type=inet,server.host=127.0.0.1,server.port=" + server.port();
        Object[] words = new Object[5 + 2 * commands.length];
        words[0] = "qemu-io";
        words[1] = "--object";
        words[2] = "tls-creds-x509,id=t,endpoint=client,dir=" + credentials + option;
        words[3] = "--image-opts";
        for (int i = 0; i < commands.length; i++) {
            words[4 + 2 * i] = "-c";
            words[5 + 2 * i] = commands[i];
        }
        words[words.length - 1] = "driver=nbd,tls-creds=t," + place;
        return programs.run(words);
    }

    @ParameterizedTest
    @EnumSource(Listener.class)
    void qemuReadsAndWritesEncrypted(Listener listener) throws IOException, InterruptedException {
        try (ServedFile server = serve(listener, "required", "--tls-verify-peer")) {
            Program.Result result = qemu(
                    server,
                    clientFolder,
                    "",
                    "write -P 1 0 1M",
                    "write -f -P 2 5M 16M",
                    "write -z -u 6M 1M",
                    "aio_write -P 3 30M 1M",
                    "aio_write -P 4 31M 1M",
                    "aio_flush",
                    "read -P 1 0 1M",
                    "read -P 2 7M 14M",
                    "read -P 0 6M 1M",
                    "read -P 4 31M 1M");
            assertThat(result.exitCode()).as(result.out() + result.err()).isZero();
        }
        programs.succeed("qemu-img", "check", "-q", file);
    }

    @Test
    void oldVersionsOfTlsAreRefused() throws IOException, InterruptedException {
        try (ServedFile server = serve(Listener.TCP, "required")) {
            String only = ",priority=NORMAL:-VERS-ALL:+VERS-";
            assertThat(qemu(server, clientFolder, only + "TLS1.3", "read 0 512").exitCode())
                    .isZero();
            assertThat(qemu(server, clientFolder, only + "TLS1.2", "read 0 512").exitCode())
                    .isZero();
            assertThat(qemu(server, clientFolder, only + "TLS1.1", "read 0 512").exitCode())
                    .isEqualTo(1);
        }
    }

    @Test
    void manyBytesGoThroughSeveralEncryptedConnections() throws IOException, InterruptedException {
        programs.succeed("qemu-img", "create", "-q", "-f", "raw", "source.raw", "64M");
        programs.qemuIo("source.raw", "write -P 7 1M 20M", "write -P 8 50000001 3000000", "write -P 9 60M 4M");
        try (ServedFile server = serve(Listener.UNIX, "required")) {
            String uri = tls(server, clientFolder);
            programs.succeed("nbdcopy", "--connections=4", "--requests=16", "--flush", "source.raw", uri);
            programs.succeed("nbdcopy", "--connections=4", uri, "copy.raw");
        }
        programs.succeed("cmp", "source.raw", "copy.raw");
    }

    @Test
    void newCertificatesServeTheNextConnectionAndOldConnectionsGoOn() throws IOException, InterruptedException {
        Certificates successor = new Certificates(programs, "successor");
        Path renewed = successor.server("renewed");
        Path client = successor.client("renewed-client");
        try (ServedFile server = serve(Listener.TCP, "required", "--tls-verify-peer")) {
            programs.libnbd(tls(server, clientFolder), """
                    import os
                    h = connect()
                    for name in "server-key.pem", "server-cert.pem", "ca-cert.pem":
                        os.replace(os.path.join("%s", name), os.path.join("%s", name))
                    try:
                        connect()
                    except nbd.Error:
                        pass
                    else:
                        raise AssertionError("the old authority is still trusted")
                    connect(uri=URI.replace("%s", "%s")).pwrite(b'new', 0)
                    assert h.pread(4, 0) == b'new\\0'
                    """.formatted(renewed, serverFolder, clientFolder, client));
            Files.writeString(serverFolder.resolve("server-key.pem"), "half a file");
            assertServed(tls(server, client));
            Program.Result result = server.stop();
            assertThat(result.exitCode()).isZero();
            assertThat(result.err()).contains("certificates of before", "server-key.pem");
        }
    }
}
