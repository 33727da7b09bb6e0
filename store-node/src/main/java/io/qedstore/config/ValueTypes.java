package io.qedstore.config;

import static java.util.stream.Collectors.joining;

import io.qedstore.checkpoint.s3.S3Location;
import io.qedstore.event.NodeId;
import io.qedstore.nbd.SocketMode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Stream;

/** What settings may be. */
final class ValueTypes {
    static final ValueType<NodeId> NODE_ID = new ValueType<>(
            "1 to 128 letters, digits and characters `.` `_` `-`, the first a letter or a digit", ValueTypes::nodeId);

    static final ValueType<Path> PATH = new ValueType<>("a path", ValueTypes::path);

    /** Resolved. */
    static final ValueType<InetSocketAddress> LISTEN = new ValueType<>(
            "HOST:PORT of an address of this machine, such as `127.0.0.1:10809` or `[::1]:10809`; port 0 is any",
            text -> HostAndPort.parse(text).map(HostAndPort::address).filter(address -> !address.isUnresolved()));

    static final ValueType<HostAndPort> REMOTE = new ValueType<>(
            "HOST:PORT as others reach it, such as `store1.example:10809`",
            text -> HostAndPort.parse(text).filter(remote -> remote.port() > 0));

    static final ValueType<List<HostAndPort>> BROKERS =
            new ValueType<>("HOST:PORT of one or more brokers, with commas between", ValueTypes::brokers);

    static final ValueType<Set<PosixFilePermission>> SOCKET_MODE =
            new ValueType<>("three octal digits such as `0660`", SocketMode::parse);

    static final ValueType<Boolean> YES_OR_NO = new ValueType<>("`true` or `false`", text -> Stream.of(true, false)
            .filter(value -> value.toString().equals(text))
            .findAny());

    static final ValueType<S3Location> S3_URL = new ValueType<>(
            "`s3://BUCKET/PREFIX`", text -> told(() -> S3Location.parse(text, Optional.empty(), Optional.empty())));

    static final ValueType<URI> HTTP_URL =
            new ValueType<>("`https://HOST` or `http://HOST:PORT`", text -> told(() -> S3Location.endpoint(text)));

    static final ValueType<String> WORD = new ValueType<>("letters, digits and hyphens", text -> Optional.of(text)
            .filter(word -> word.matches("[A-Za-z0-9-]{1,64}")));

    private ValueTypes() {}

    private static <T> Optional<T> told(Supplier<T> parse) {
        try {
            return Optional.of(parse.get());
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    static ValueType<Integer> number(int least, int most) {
        return new ValueType<>(
                "a number from " + least + " to " + most,
                text -> text.matches("\\d{1,9}")
                        ? Optional.of(Integer.parseInt(text)).filter(number -> number >= least && number <= most)
                        : Optional.empty());
    }

    /** A share in percent. */
    static ValueType<Integer> share() {
        return new ValueType<>(
                "a share from `1%` to `100%`",
                text -> text.matches("\\d{1,3}%")
                        ? Optional.of(Integer.parseInt(text.substring(0, text.length() - 1)))
                                .filter(percent -> percent >= 1 && percent <= 100)
                        : Optional.empty());
    }

    static <E extends Enum<E>> ValueType<E> oneOf(List<E> choices) {
        return new ValueType<>(
                choices.stream().map(choice -> "`" + written(choice) + "`").collect(joining(" or ")),
                text -> choices.stream()
                        .filter(choice -> written(choice).equals(text))
                        .findAny());
    }

    /** One of them at least. */
    static <E extends Enum<E>> ValueType<Set<E>> someOf(Class<E> type) {
        ValueType<E> one = oneOf(List.copyOf(EnumSet.allOf(type)));
        return new ValueType<>(
                "one or more of " + one.expected().replace(" or ", ", ") + ", with commas between", text -> {
                    Set<E> chosen = EnumSet.noneOf(type);
                    for (String part : text.split(",", -1)) {
                        Optional<E> choice = one.parse(part);
                        if (choice.isEmpty()) {
                            return Optional.empty();
                        }
                        chosen.add(choice.get());
                    }
                    return Optional.of(Set.copyOf(chosen));
                });
    }

    private static String written(Enum<?> choice) {
        return choice.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static Optional<NodeId> nodeId(String text) {
        try {
            return Optional.of(new NodeId(text));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    private static Optional<Path> path(String text) {
        try {
            return text.isEmpty() ? Optional.empty() : Optional.of(Path.of(text));
        } catch (InvalidPathException e) {
            return Optional.empty();
        }
    }

    private static Optional<List<HostAndPort>> brokers(String text) {
        List<Optional<HostAndPort>> brokers = Arrays.stream(text.split(",", -1))
                .map(String::strip)
                .map(HostAndPort::parse)
                .toList();
        return brokers.stream()
                        .allMatch(broker -> broker.filter(at -> at.port() > 0).isPresent())
                ? Optional.of(brokers.stream().flatMap(Optional::stream).toList())
                : Optional.empty();
    }
}
