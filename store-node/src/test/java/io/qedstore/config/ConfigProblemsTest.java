package io.qedstore.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigProblemsTest {
    @TempDir
    Path folder = Path.of("");

    /** With what has to be set on lines 1 and 2. */
    private List<String> problems(String rest, String... overrides) {
        return ConfigFile.write(folder, ConfigFile.LEAST + rest).problems(overrides);
    }

    @Test
    void allProblemsComeTogether() {
        ConfigFile file = ConfigFile.write(folder, """
                # a comment
                nbd.listn = 127.0.0.1:1

                nbd.max.connections = many
                disk.warn = 96%
                kafka.bootstrap.servers = broker
                """);
        assertThat(file.problems("volume.lease=soon", "nonsense"))
                .containsExactly(
                        "--set has 'nonsense', expected key=value",
                        "unknown key 'nbd.listn' in FILE line 2; did you mean 'nbd.listen'?",
                        "nbd.max.connections is 'many' in FILE line 4, expected a number from 1 to 65536",
                        "kafka.bootstrap.servers is 'broker' in FILE line 6, expected HOST:PORT of one or more brokers,"
                                + " with commas between",
                        "volume.lease is 'soon' in --set, expected a time from 100ms to 10m, with 'ms', 's', 'm', 'h' or"
                                + " 'd' for its unit",
                        "data.dir is not set, expected a path",
                        "disk.stop.images is '90%' where it is not set, expected more than disk.warn, which is 96%");
        assertThatThrownBy(file::load)
                .isInstanceOf(ConfigException.class)
                .hasMessageStartingWith("5 errors in the configuration:\n  unknown key 'nbd.listn' in " + file.path())
                .hasMessageContaining("line 2; did you mean 'nbd.listen'?\n  nbd.max.connections is 'many' in ");
    }

    @Test
    void aSingleProblemIsTheMessage() {
        ConfigFile file = ConfigFile.write(folder, ConfigFile.LEAST + "insecure=maybe");
        assertThatThrownBy(file::load)
                .isInstanceOf(ConfigException.class)
                .hasMessage("insecure is 'maybe' in " + file.path() + " line 3, expected 'true' or 'false'");
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "node.id       | -a            | 1 to 128 letters, digits and characters '.' '_' '-', the first a letter or a digit",
                "node.roles    | \"\"          | one or more of 'owner', 'replica', with commas between",
                "node.roles    | owner,        | one or more of 'owner', 'replica', with commas between",
                "node.roles    | owner,reader  | one or more of 'owner', 'replica', with commas between",
                "data.dir      | \"\"          | a path",
                "log.durability | fsnc         | 'fsync' or 'replicated' or 'page-cache'",
                "log.timeout   | 5             | a time from 0 to 365d, with 'ms', 's', 'm', 'h' or 'd' for its unit",
                "log.replication.factor | 0    | a number from 1 to 32767",
                "log.min.insync.replicas | 99999999999 | a number from 1 to 32767",
                "nbd.socket.mode | 999         | three octal digits such as '0660'",
                "nbd.tls.verify.peer | yes     | 'true' or 'false'",
                "api.tls.mode  | allowed       | 'off' or 'required'",
                "api.advertise | 0.0.0.0       | HOST:PORT as others reach it, such as 'store1.example:10809'",
                "api.advertise | a:0           | HOST:PORT as others reach it, such as 'store1.example:10809'",
                "volume.lease  | 99ms          | a time from 100ms to 10m, with 'ms', 's', 'm', 'h' or 'd' for its unit",
                "volume.lease  | 601s          | a time from 100ms to 10m, with 'ms', 's', 'm', 'h' or 'd' for its unit",
                "volume.pending.max | 4095k    | a size from 4M on, with 'k', 'M', 'G' or 'T' for its unit",
                "image.size.max | 8388608T     | a size from 1M on, with 'k', 'M', 'G' or 'T' for its unit",
                "image.size.max | 1.5G         | a size from 1M on, with 'k', 'M', 'G' or 'T' for its unit",
                "disk.warn     | 0%            | a share from '1%' to '100%'",
                "disk.warn     | 101%          | a share from '1%' to '100%'",
                "disk.warn     | 80            | a share from '1%' to '100%'",
            })
    void whatIsNotOfTheKeysTypeIsRefused(String key, String text, String expected) {
        assertThat(problems("", key + "=" + text)).contains(key + " is '" + text + "' in --set, expected " + expected);
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost", "127.0.0.1:65536", "::1:10809", "no.such.host.invalid:1", ":1", "a b:1"})
    void whereNothingCanListenIsRefused(String text) {
        assertThat(problems("nbd.listen=" + text))
                .containsExactly("nbd.listen is '" + text + "' in FILE line 3, expected HOST:PORT of an address of this"
                        + " machine, such as '127.0.0.1:10809' or '[::1]:10809'; port 0 is any");
        assertThat(problems("", "api.listen=")).hasSize(1);
    }

    @Test
    void aKeyMayBeInTheFileOnce() {
        assertThat(problems("insecure=true\ninsecure : true\nlong.\\\n  key=1\nlong.key=2", "long.key=3"))
                .containsExactly(
                        "'insecure' is set in FILE line 4, and was set in FILE line 3; expected once",
                        "'long.key' is set in FILE line 7, and was set in FILE line 5; expected once",
                        "unknown key 'long.key' in --set");
    }

    @Test
    void unknownKeysAreRefusedWithTheNearest() {
        assertThat(problems(
                        "nbd.lsiten=\nNBD.Listen=\nkafka.bootstrap.server=a:1\nkafka.sasl.jas.config=a\nsecure=true"))
                .containsExactly(
                        "unknown key 'nbd.lsiten' in FILE line 3; did you mean 'nbd.listen'?",
                        "unknown key 'NBD.Listen' in FILE line 4; did you mean 'nbd.listen'?",
                        "unknown key 'kafka.bootstrap.server' in FILE line 5; did you mean 'kafka.bootstrap.servers'?",
                        "unknown key 'kafka.sasl.jas.config' in FILE line 6; did you mean 'kafka.sasl.jaas.config'?",
                        "unknown key 'secure' in FILE line 7; did you mean 'insecure'?");
        assertThat(problems("quota=1")).containsExactly("unknown key 'quota' in FILE line 3");
    }

    @Test
    void whatOrderAndDurabilityHangOnIsNotSetForKafkasClients() {
        assertThat(problems("kafka.acks=1"))
                .containsExactly("'kafka.acks' in FILE line 3 cannot be set; of Kafka's settings, expected"
                        + " kafka.bootstrap.servers, kafka.client.dns.lookup and what begins with kafka.security.,"
                        + " kafka.sasl. or kafka.ssl.");
    }

    @Test
    void secretsAreNotShown() {
        assertThat(problems("""
                        kafka.sasl.jaas.config=a required
                        password=hunter2
                        "Hunter2";
                        kafka.ssl.keystore.key=-----BEGIN PRIVATE KEY-----
                        hunter2MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7Hunter2
                        kafka.ssl.key.pasword=hunter2
                        kafka.ssl.key.password=hunter2
                        kafka.ssl.key.password=hunter2
                        kafka.ssl.truststore.password=hunter\\u00g2
                        """, "kafka.sasl.jaas.config:Hunter2")).hasSize(7).allSatisfy(problem -> assertThat(problem)
                .doesNotContainIgnoringCase("hunter"));
        assertThat(new Setting("kafka.ssl.key.password", "hunter2", "in --set"))
                .hasToString("kafka.ssl.key.password in --set");
    }

    @Test
    void aSecretBehindABackslashTooManyIsNotShown() {
        assertThat(problems("nbd.listen=a:1, \\\nkafka.ssl.key.password=hunter2"))
                .singleElement()
                .asString()
                .startsWith("nbd.listen is 'a:1, ... (not shown: another key)' in FILE line 3, expected HOST:PORT");
    }

    @Test
    void aValueStaysOnOneLine() {
        assertThat(problems("node.id=a\\nb"))
                .singleElement()
                .asString()
                .startsWith("node.id is 'a?b' in FILE line 3, expected");
    }

    // Deliberate bug: of the characters that command a terminal, those of ASCII alone are left out.
    @Test
    void noValueAndNoKeyCommandsATerminal() {
        assertThat(problems("node.id=a\u009b2Jb\ntrash.ke\u0085ep=1d"))
                .containsExactly(
                        "node.id is 'a?2Jb' in FILE line 3, expected 1 to 128 letters, digits and characters '.' '_' '-',"
                                + " the first a letter or a digit",
                        "unknown key 'trash.ke?ep' in FILE line 4; did you mean 'trash.keep'?");
    }

    @Test
    void halfAnEscapeIsRefused() {
        assertThat(problems("node.id=\\u12"))
                .containsExactly(
                        "found \\u without four hexadecimal digits in FILE line 3, expected them, or \\\\ for a"
                                + " backslash");
    }

    @Test
    void aHostWithoutAFitNameNeedsANodeId() {
        ConfigFile file = ConfigFile.write(folder, ConfigFile.LEAST);
        assertThat(file.problems(new Machine(Optional.of("localhost"), 1L << 30)))
                .containsExactly("node.id is not set, and the host's name cannot stand for it, found 'localhost';"
                        + " expected a node.id");
        assertThat(file.problems(new Machine(Optional.of("localhost.localdomain"), 1L << 30)))
                .hasSize(1);
        assertThat(file.problems(new Machine(Optional.of("_"), 1L << 30))).hasSize(1);
        assertThat(file.problems(new Machine(Optional.empty(), 1L << 30)))
                .containsExactly(
                        "node.id is not set, and the host's name cannot stand for it, found none; expected a node.id");
        assertThat(file.problems(new Machine(Optional.empty(), 1L << 30), "node.id=a"))
                .isEmpty();
    }
}
