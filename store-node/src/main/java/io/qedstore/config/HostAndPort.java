package io.qedstore.config;

import java.net.InetSocketAddress;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** {@code HOST:PORT}, with an IPv6 host in brackets; the host's name is looked up by whoever connects to it. */
public record HostAndPort(String host, int port) {
    public static final int MAX_PORT = 65535;

    private static final Pattern SYNTAX = Pattern.compile("(?:\\[([^\\]\\s]+)]|([^:\\[\\]\\s]+)):(\\d{1,5})");

    public HostAndPort {
        if (host.isEmpty() || port < 0 || port > MAX_PORT) {
            throw new IllegalArgumentException(
                    "host '" + host + "' and port " + port + ", expected a host and a port from 0 to " + MAX_PORT);
        }
    }

    /** Empty if the text is none. */
    public static Optional<HostAndPort> parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches() || Integer.parseInt(matcher.group(3)) > MAX_PORT) {
            return Optional.empty();
        }
        String host = matcher.group(1) == null ? matcher.group(2) : matcher.group(1);
        return Optional.of(new HostAndPort(host, Integer.parseInt(matcher.group(3))));
    }

    /** Looks the host up; the address is unresolved where it is not known. */
    public InetSocketAddress address() {
        return new InetSocketAddress(host, port);
    }

    @Override
    public String toString() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }
}
