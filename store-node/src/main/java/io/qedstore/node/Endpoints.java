package io.qedstore.node;

import io.qedstore.config.HostAndPort;
import io.qedstore.config.NodeConfig;
import io.qedstore.event.Endpoint;
import io.qedstore.nbd.TlsMode;
import java.net.InetSocketAddress;
import java.util.Optional;

/**
 * Where a node is found.
 *
 * @param api a URL
 * @param nbd an NBD URI, to which a slash and an export's name are added
 */
public record Endpoints(Endpoint api, Endpoint nbd) {

    /**
     * @param api where the API was bound
     * @param nbd where NBD was bound; empty if only on a unix socket
     */
    static Endpoints of(NodeConfig config, InetSocketAddress api, Optional<InetSocketAddress> nbd) {
        String http = config.api().tls().isPresent() ? "https" : "http";
        String scheme = config.nbd().tls() == TlsMode.REQUIRED ? "nbds" : "nbd";
        String apiUrl = http + "://"
                + config.api().advertise().map(HostAndPort::toString).orElse(shown(api));
        String nbdUri = nbd.isPresent()
                ? scheme + "://"
                        + config.nbd().advertise().map(HostAndPort::toString).orElse(shown(nbd.get()))
                : scheme + "+unix://";
        return new Endpoints(new Endpoint(apiUrl), new Endpoint(nbdUri));
    }

    private static String shown(InetSocketAddress address) {
        String host = address.getAddress().getHostAddress();
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + address.getPort();
    }
}
