package io.qedstore.serve;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** An authority, and folders with what it signs, laid out and named as qemu expects them. Keys are PKCS#8. */
public final class Certificates {
    private static final List<String> NEW_CERTIFICATE =
            List.of("openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(" ", -1));

    private final ForeignPrograms programs;
    private final Path authority;

    /** Makes the authority. */
    public Certificates(ForeignPrograms programs, String name) throws IOException, InterruptedException {
        this.programs = programs;
        this.authority = Files.createDirectories(programs.folder().resolve(name));
        make(
                authority.resolve("ca"),
                "-subj",
                "/CN=" + name,
                "-addext",
                "basicConstraints=critical,CA:TRUE",
                "-addext",
                "keyUsage=critical,keyCertSign");
    }

    private void make(Path prefix, Object... arguments) throws IOException, InterruptedException {
        List<Object> command = new ArrayList<>(NEW_CERTIFICATE);
        command.addAll(List.of("-keyout", prefix + "-key.pem", "-out", prefix + "-cert.pem"));
        command.addAll(List.of(arguments));
        programs.succeed(command.toArray());
    }

    /** A folder with a certificate for a server on this machine, and its authority's. */
    public Path server(String folder) throws IOException, InterruptedException {
        return sign(folder, "server", "subjectAltName=DNS:localhost,IP:127.0.0.1");
    }

    /** A folder with a certificate for a client, and its authority's. */
    public Path client(String folder) throws IOException, InterruptedException {
        return sign(folder, "client", "extendedKeyUsage=clientAuth");
    }

    private Path sign(String folder, String role, String extension) throws IOException, InterruptedException {
        Path made = trustIn(folder);
        make(
                made.resolve(role),
                "-subj",
                "/CN=" + role,
                "-CA",
                authority.resolve("ca-cert.pem"),
                "-CAkey",
                authority.resolve("ca-key.pem"),
                "-addext",
                "basicConstraints=critical,CA:FALSE",
                "-addext",
                extension);
        return made;
    }

    /** Puts the authority's certificate into a folder. */
    Path trustIn(String folder) throws IOException {
        Path made = Files.createDirectories(programs.folder().resolve(folder));
        Files.copy(authority.resolve("ca-cert.pem"), made.resolve("ca-cert.pem"), StandardCopyOption.REPLACE_EXISTING);
        return made;
    }
}
