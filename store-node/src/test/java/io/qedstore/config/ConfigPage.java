package io.qedstore.config;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/** Writes {@code ops/docs/node-config.md} from the table of keys. */
final class ConfigPage {
    private static final String INTRODUCTION = """
            # Configuration of a store node

            A file of Java properties in UTF-8, such as

            ```
            data.dir = /var/lib/qedstore
            kafka.bootstrap.servers = kafka1:9092,kafka2:9092,kafka3:9092
            ```

            for the command `qedstore node start --config=FILE`.

            `--set key=value` stands in the place of what the file says. Relative
            paths begin at the file's folder. A key that is unknown, twice in the file, or set to what it cannot be, is an error,
            and all errors of a file are reported together. White space around a value does not count.

            Sizes are in bytes, or have a unit: `k`, `M`, `G`, `T`, powers of 1024. Times have a unit: `ms`, `s`, `m`, `h`, `d`.

            A listener that other hosts can reach has to know its clients: `nbd.tls.mode=required` with `nbd.tls.verify.peer=true`;
            `api.tls.mode=required` with `api.tls.verify.peer=true` or `api.tokens.file`. `insecure=true` lifts that. One that
            listens on all addresses (`0.0.0.0`, `[::]`) needs `nbd.advertise` or `api.advertise`.
            """;
    private static final Map<String, String> AFTER = Map.of("kafka", """

            Kafka's clients also get, without the `kafka.`, what begins with `kafka.security.`, `kafka.sasl.` or `kafka.ssl.`, by
            which a node encrypts its connections and shows who it is, and `kafka.client.dns.lookup`. Their values are in no
            message. Paths among them begin where the node was started, not at the file's folder. Nothing else can be set: order
            and durability hang on the rest.
            """);

    private ConfigPage() {}

    static String text() {
        StringBuilder page = new StringBuilder(INTRODUCTION);
        Map<String, List<ConfigKey<?>>> groups = NodeKeys.ALL.stream()
                .collect(Collectors.groupingBy(ConfigPage::group, LinkedHashMap::new, Collectors.toList()));
        groups.forEach((group, keys) -> {
            page.append("\n## ").append(group).append("\n\n| key | value | default | |\n|---|---|---|---|\n");
            keys.forEach(key -> page.append(row(key)));
            page.append(AFTER.getOrDefault(group, ""));
        });
        return page.toString();
    }

    private static String group(ConfigKey<?> key) {
        return key.name().replaceFirst("\\..*", "");
    }

    private static String row(ConfigKey<?> key) {
        return "| `" + key.name() + "` | " + key.type().expected() + " | " + key.initially() + " | " + key.meaning()
                + " |\n";
    }
}
