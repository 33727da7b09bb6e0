package io.qedstore.cli;

import io.qedstore.config.HostAndPort;
import java.net.InetSocketAddress;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code HOST:PORT}, with an IPv6 host in brackets. */
final class ListenAddress {
    private ListenAddress() {}

    static InetSocketAddress parse(CommandSpec spec, String text) {
        return HostAndPort.parse(text)
                .map(HostAndPort::address)
                .filter(address -> !address.isUnresolved())
                .orElseThrow(() -> new ParameterException(
                        spec.commandLine(),
                        "--listen expects HOST:PORT with a host that is known here and a port up to "
                                + HostAndPort.MAX_PORT + ", such as 127.0.0.1:10809 or [::1]:10809; found '" + text
                                + "'"));
    }
}
