package io.qedstore.config;

import io.qedstore.nbd.TlsMode;
import io.qedstore.security.TlsFiles;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.Set;

/**
 * Where NBD clients connect, and which.
 *
 * @param listen on TCP; empty if not
 * @param advertise what others are told in its place; empty for the address that was bound
 * @param socket the unix socket; empty for none
 * @param socketMode who may connect to it
 * @param tlsFiles there unless TLS is off
 */
public record NbdConfig(
        Optional<InetSocketAddress> listen,
        Optional<HostAndPort> advertise,
        Optional<Path> socket,
        Set<PosixFilePermission> socketMode,
        TlsMode tls,
        Optional<TlsFiles> tlsFiles,
        int maxConnections) {
    public NbdConfig {
        socketMode = Set.copyOf(socketMode);
        if (tlsFiles.isPresent() == (tls == TlsMode.OFF)) {
            throw new IllegalArgumentException("TLS is " + tls + " with the files " + tlsFiles);
        }
    }

    static NbdConfig of(ConfigValues values, Path folder) {
        TlsMode tls = values.get(NodeKeys.NBD_TLS_MODE);
        return new NbdConfig(
                values.get(NodeKeys.NBD_LISTEN),
                values.get(NodeKeys.NBD_ADVERTISE),
                values.get(NodeKeys.NBD_SOCKET).map(folder::resolve),
                values.get(NodeKeys.NBD_SOCKET_MODE),
                tls,
                values.get(NodeKeys.NBD_TLS_CREDS)
                        .filter(creds -> tls != TlsMode.OFF)
                        .map(creds ->
                                TlsFiles.inFolder(folder.resolve(creds), values.get(NodeKeys.NBD_TLS_VERIFY_PEER))),
                values.get(NodeKeys.NBD_MAX_CONNECTIONS));
    }
}
