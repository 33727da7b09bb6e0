package io.qedstore.cli;

import java.net.InetSocketAddress;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** {@code HOST:PORT}, with an IPv6 host in brackets. */
final class ListenAddress {
    private static final Pattern SYNTAX = Pattern.compile("(?:\\[([^\\]]+)]|([^:\\[\\]]+)):(\\d{1,5})");
    private static final int MAX_PORT = 65535;

    private ListenAddress() {}

    static InetSocketAddress parse(CommandSpec spec, String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (matcher.matches() && Integer.parseInt(matcher.group(3)) <= MAX_PORT) {
            String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
            InetSocketAddress address = new InetSocketAddress(host, Integer.parseInt(matcher.group(3)));
            if (!address.isUnresolved()) {
                return address;
            }
        }
        throw new ParameterException(
                spec.commandLine(),
                "--listen expects HOST:PORT with a host that is known here and a port up to " + MAX_PORT
                        + ", such as 127.0.0.1:10809 or [::1]:10809; found '" + text + "'");
    }
}
