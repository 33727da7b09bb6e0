package io.qedstore.config;

import io.qedstore.nbd.TlsMode;
import io.qedstore.security.TlsFiles;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where the API is served, and to whom.
 *
 * @param advertise what others are told in the place of {@code listen}; empty for the address that was bound
 * @param tls empty if it is served in clear
 * @param tokens who may do what; empty if nobody is asked who they are
 * @param peerToken holds what this node shows to others
 */
public record ApiConfig(
        InetSocketAddress listen,
        Optional<HostAndPort> advertise,
        Optional<TlsFiles> tls,
        Optional<Path> tokens,
        Optional<Path> peerToken) {

    static ApiConfig of(ConfigValues values, Path folder) {
        return new ApiConfig(
                values.get(NodeKeys.API_LISTEN),
                values.get(NodeKeys.API_ADVERTISE),
                values.get(NodeKeys.API_TLS_CREDS)
                        .filter(creds -> values.get(NodeKeys.API_TLS_MODE) != TlsMode.OFF)
                        .map(creds ->
                                TlsFiles.inFolder(folder.resolve(creds), values.get(NodeKeys.API_TLS_VERIFY_PEER))),
                values.get(NodeKeys.API_TOKENS_FILE).map(folder::resolve),
                values.get(NodeKeys.API_PEER_TOKEN_FILE).map(folder::resolve));
    }
}
