package io.qedstore.nbd.client;

import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * An export of another server.
 *
 * @param address resolved
 * @param tlsHost by which name the server's certificate must know it; empty to speak in clear
 * @param name of the export
 */
public record RemoteExport(InetSocketAddress address, Optional<String> tlsHost, String name) {
    @Override
    public String toString() {
        return "nbd" + (tlsHost.isPresent() ? "s" : "") + "://" + address.getHostString() + ":" + address.getPort()
                + "/" + name;
    }
}
