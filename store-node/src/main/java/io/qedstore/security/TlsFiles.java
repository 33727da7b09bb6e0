package io.qedstore.security;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Where a server's TLS material lies, all in PEM.
 *
 * @param certificate of the server, followed by those that link it to its authority
 * @param key of the certificate, PKCS#8, not encrypted
 * @param clientAuthority certificates of which one has to have signed each client's; without it clients need none
 */
public record TlsFiles(Path certificate, Path key, Optional<Path> clientAuthority) {
    /** The files in qemu's folder layout: {@code server-cert.pem}, {@code server-key.pem}, {@code ca-cert.pem}. */
    public static TlsFiles inFolder(Path folder, boolean clientsAuthenticate) {
        return new TlsFiles(
                folder.resolve("server-cert.pem"),
                folder.resolve("server-key.pem"),
                clientsAuthenticate ? Optional.of(folder.resolve("ca-cert.pem")) : Optional.empty());
    }

    /** The authority's certificates in qemu's folder layout, for whoever is a client; empty if there are none. */
    Optional<Path> authorityInFolder() {
        return Optional.of(certificate.resolveSibling("ca-cert.pem")).filter(Files::exists);
    }

    List<Path> all() {
        return Stream.concat(Stream.of(certificate, key), clientAuthority.stream())
                .toList();
    }
}
