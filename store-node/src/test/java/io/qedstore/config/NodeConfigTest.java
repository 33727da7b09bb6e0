package io.qedstore.config;

import static java.util.stream.Collectors.joining;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.s3.S3Location;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogDurability;
import io.qedstore.nbd.TlsMode;
import io.qedstore.security.TlsFiles;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class NodeConfigTest {
    private static final String NBD_TLS = "nbd.tls.mode=required nbd.tls.creds=pki";
    private static final String API_TLS = "api.tls.mode=required api.tls.creds=pki";

    @TempDir
    static Path folder = Path.of("");

    /** What of the configuration a key is, without and with a setting, and what that one needs beside it. */
    record Mapping(
            ConfigKey<?> key,
            Function<NodeConfig, Object> part,
            Object initially,
            String text,
            Object then,
            String beside) {
        @Override
        public String toString() {
            return key.name();
        }
    }

    static Stream<Mapping> mappings() {
        return Stream.of(
                mapping(NodeKeys.NODE_ID, NodeConfig::id, new NodeId("store1"), "a.b", new NodeId("a.b")),
                mapping(
                        NodeKeys.NODE_ROLES,
                        NodeConfig::roles,
                        Set.of(NodeRole.values()),
                        "replica",
                        Set.of(NodeRole.REPLICA)),
                mapping(NodeKeys.NODE_PENDING_MAX, NodeConfig::pendingMaxBytes, 256L << 20, "2G", 2L << 30),
                mapping(
                        NodeKeys.DATA_DIR,
                        NodeConfig::dataDir,
                        folder.resolve("data"),
                        "/srv/qed",
                        Path.of("/srv/qed")),
                mapping(
                        NodeKeys.KAFKA_BOOTSTRAP_SERVERS,
                        config -> config.kafka().connection(),
                        Map.of("bootstrap.servers", "broker:9092"),
                        "a:1, [::1]:2",
                        Map.of("bootstrap.servers", "a:1, [::1]:2")),
                mapping(
                        NodeKeys.LOG_REPLICATION_FACTOR,
                        config -> config.log().replicationFactor(),
                        Optional.empty(),
                        "5",
                        Optional.of(5)),
                mapping(
                        NodeKeys.LOG_MIN_INSYNC_REPLICAS,
                        config -> config.log().minInsyncReplicas(),
                        Optional.empty(),
                        "2",
                        Optional.of(2)),
                mapping(
                        NodeKeys.LOG_DURABILITY,
                        config -> config.log().durability(),
                        Optional.empty(),
                        "page-cache",
                        Optional.of(LogDurability.PAGE_CACHE)),
                mapping(
                        NodeKeys.LOG_TIMEOUT,
                        config -> config.log().timeout(),
                        Optional.empty(),
                        "500ms",
                        Optional.of(Duration.ofMillis(500))),
                mapping(
                        NodeKeys.NBD_LISTEN,
                        config -> config.nbd().listen(),
                        Optional.of(address("127.0.0.1:10809")),
                        "",
                        Optional.empty()),
                mapping(
                        NodeKeys.NBD_ADVERTISE,
                        config -> config.nbd().advertise(),
                        Optional.empty(),
                        "store1.example:1",
                        Optional.of(new HostAndPort("store1.example", 1))),
                mapping(
                        NodeKeys.NBD_SOCKET,
                        config -> config.nbd().socket(),
                        Optional.empty(),
                        "run/nbd",
                        Optional.of(folder.resolve("run/nbd"))),
                mapping(
                        NodeKeys.NBD_SOCKET_MODE,
                        config -> config.nbd().socketMode(),
                        PosixFilePermissions.fromString("rw-------"),
                        "0660",
                        PosixFilePermissions.fromString("rw-rw----")),
                new Mapping(
                        NodeKeys.NBD_TLS_MODE,
                        config -> config.nbd().tls(),
                        TlsMode.OFF,
                        "allowed",
                        TlsMode.ALLOWED,
                        "nbd.tls.creds=pki"),
                new Mapping(
                        NodeKeys.NBD_TLS_CREDS,
                        config -> config.nbd().tlsFiles(),
                        Optional.empty(),
                        "pki",
                        Optional.of(TlsFiles.inFolder(folder.resolve("pki"), false)),
                        NBD_TLS),
                new Mapping(
                        NodeKeys.NBD_TLS_VERIFY_PEER,
                        config -> config.nbd().tlsFiles().flatMap(TlsFiles::clientAuthority),
                        Optional.empty(),
                        "true",
                        Optional.of(folder.resolve("pki/ca-cert.pem")),
                        NBD_TLS),
                mapping(NodeKeys.NBD_MAX_CONNECTIONS, config -> config.nbd().maxConnections(), 1024, "7", 7),
                mapping(
                        NodeKeys.API_LISTEN,
                        config -> config.api().listen(),
                        address("127.0.0.1:10810"),
                        "[::1]:0",
                        address("[::1]:0")),
                mapping(
                        NodeKeys.API_ADVERTISE,
                        config -> config.api().advertise(),
                        Optional.empty(),
                        "[fd00::1]:443",
                        Optional.of(new HostAndPort("fd00::1", 443))),
                new Mapping(
                        NodeKeys.API_TLS_MODE,
                        config -> config.api().tls().isPresent(),
                        false,
                        "required",
                        true,
                        "api.tls.creds=pki"),
                new Mapping(
                        NodeKeys.API_TLS_CREDS,
                        config -> config.api().tls(),
                        Optional.empty(),
                        "/pki",
                        Optional.of(TlsFiles.inFolder(Path.of("/pki"), false)),
                        API_TLS),
                new Mapping(
                        NodeKeys.API_TLS_VERIFY_PEER,
                        config -> config.api().tls().flatMap(TlsFiles::clientAuthority),
                        Optional.empty(),
                        "true",
                        Optional.of(folder.resolve("pki/ca-cert.pem")),
                        API_TLS),
                mapping(
                        NodeKeys.API_TOKENS_FILE,
                        config -> config.api().tokens(),
                        Optional.empty(),
                        "tokens.json",
                        Optional.of(folder.resolve("tokens.json"))),
                new Mapping(
                        NodeKeys.API_PEER_TOKEN_FILE,
                        config -> config.api().peerToken(),
                        Optional.empty(),
                        "own.token",
                        Optional.of(folder.resolve("own.token")),
                        "api.tokens.file=tokens.json"),
                mapping(
                        NodeKeys.VOLUME_CACHE,
                        config -> config.volume().cache(),
                        CacheMode.WRITETHROUGH,
                        "writeback",
                        CacheMode.WRITEBACK),
                mapping(
                        NodeKeys.VOLUME_ATTACH,
                        config -> config.volume().attach(),
                        AttachMode.EXCLUSIVE,
                        "shared",
                        AttachMode.SHARED),
                mapping(
                        NodeKeys.VOLUME_LEASE,
                        config -> config.volume().lease(),
                        Duration.ofSeconds(30),
                        "10m",
                        Duration.ofMinutes(10)),
                mapping(
                        NodeKeys.VOLUME_PENDING_MAX,
                        config -> config.volume().pendingMaxBytes(),
                        64L << 20,
                        "8192k",
                        8L << 20),
                mapping(NodeKeys.VERIFY_READS, config -> config.copies().verifyReads(), true, "false", false),
                mapping(
                        NodeKeys.SCRUB_EVERY,
                        config -> config.copies().scrubEvery(),
                        Duration.ofDays(7),
                        "0",
                        Duration.ZERO),
                mapping(
                        NodeKeys.SCRUB_RATE,
                        config -> config.copies().scrubBytesPerSecond(),
                        20L << 20,
                        "1M",
                        1L << 20),
                mapping(NodeKeys.SEED_PARALLEL, config -> config.copies().seedsAtOnce(), 2, "5", 5),
                mapping(NodeKeys.SEED_RATE, config -> config.copies().seedBytesPerSecond(), 0L, "1k", 1024L),
                mapping(
                        NodeKeys.IMAGE_SIZE_MAX,
                        NodeConfig::imageMaxBytes,
                        OptionalLong.empty(),
                        "16T",
                        OptionalLong.of(16L << 40)),
                mapping(NodeKeys.TRASH_KEEP, NodeConfig::trashKeep, Duration.ofDays(7), "0", Duration.ZERO),
                mapping(
                        NodeKeys.CHECKPOINT_TAIL_BYTES,
                        config -> config.checkpoints().tailBytes(),
                        1L << 30,
                        "64k",
                        1L << 16),
                mapping(
                        NodeKeys.CHECKPOINT_AGE,
                        config -> config.checkpoints().age(),
                        Duration.ofDays(1),
                        "1s",
                        Duration.ofSeconds(1)),
                mapping(
                        NodeKeys.CHECKPOINT_RATE,
                        config -> config.checkpoints().bytesPerSecond(),
                        OptionalLong.empty(),
                        "1M",
                        OptionalLong.of(1 << 20)),
                mapping(NodeKeys.CHECKPOINT_KEEP, config -> config.checkpoints().keep(), 1, "3", 3),
                mapping(
                        NodeKeys.CHECKPOINT_S3_URL,
                        config -> config.checkpoints().s3(),
                        Optional.empty(),
                        "s3://disks/a",
                        Optional.of(new S3Location("disks", "a/", Optional.empty(), Optional.empty()))),
                new Mapping(
                        NodeKeys.CHECKPOINT_S3_ENDPOINT,
                        config -> config.checkpoints().s3().flatMap(S3Location::endpoint),
                        Optional.empty(),
                        "http://store:9000",
                        Optional.of(URI.create("http://store:9000")),
                        "checkpoint.s3.url=s3://disks"),
                new Mapping(
                        NodeKeys.CHECKPOINT_S3_REGION,
                        config -> config.checkpoints().s3().flatMap(S3Location::region),
                        Optional.empty(),
                        "eu-north-1",
                        Optional.of("eu-north-1"),
                        "checkpoint.s3.url=s3://disks"),
                mapping(NodeKeys.POINT_KEEP, NodeConfig::pointKeep, Duration.ofMinutes(10), "0", Duration.ZERO),
                mapping(
                        NodeKeys.RETENTION_EVERY,
                        NodeConfig::retentionEvery,
                        Duration.ofMinutes(10),
                        "1s",
                        Duration.ofSeconds(1)),
                mapping(NodeKeys.DISK_WARN, config -> config.disk().warnPercent(), 80, "1%", 1),
                mapping(NodeKeys.DISK_STOP_IMAGES, config -> config.disk().stopImagesPercent(), 90, "94%", 94),
                mapping(NodeKeys.DISK_STOP_REPLICAS, config -> config.disk().stopReplicasPercent(), 95, "100%", 100),
                mapping(NodeKeys.INSECURE, NodeConfig::insecure, false, "true", true));
    }

    private static Mapping mapping(
            ConfigKey<?> key, Function<NodeConfig, Object> part, Object initially, String text, Object then) {
        return new Mapping(key, part, initially, text, then, "");
    }

    @ParameterizedTest
    @MethodSource("mappings")
    void eachKeySetsItsPart(Mapping mapping) throws ConfigException {
        String name = mapping.key().name();
        String least = ConfigFile.LEAST + mapping.beside().replace(' ', '\n') + "\n";
        NodeConfig unset = ConfigFile.write(folder, ConfigFile.LEAST).load();
        assertThat(mapping.part().apply(unset)).isEqualTo(mapping.initially());

        String others =
                least.lines().filter(line -> !line.startsWith(name + "=")).collect(joining("\n", "", "\n"));
        NodeConfig set = ConfigFile.write(folder, others + name + " = " + mapping.text() + "  \n")
                .load();
        assertThat(mapping.part().apply(set)).isEqualTo(mapping.then());

        NodeConfig overridden = ConfigFile.write(folder, least).load(name + "=" + mapping.text());
        assertThat(mapping.part().apply(overridden)).isEqualTo(mapping.then());
    }

    private static InetSocketAddress address(String text) {
        return HostAndPort.parse(text).orElseThrow().address();
    }

    @Test
    void eachKeyIsMapped() throws IllegalAccessException {
        assertThat(mappings().map(Mapping::key).toList()).hasSameElementsAs(NodeKeys.ALL);
        for (var field : NodeKeys.class.getDeclaredFields()) {
            if (field.getType() == ConfigKey.class) {
                assertThat(NodeKeys.ALL).contains((ConfigKey<?>) field.get(null));
            }
        }
        assertThat(NodeKeys.ALL).extracting(ConfigKey::name).doesNotHaveDuplicates();
    }

    @Test
    void aSmallHeapHoldsFewerPendingChanges() throws ConfigException {
        Path file = ConfigFile.write(folder, ConfigFile.LEAST).path();
        NodeConfig config = NodeConfig.load(file, List.of(), new Machine(Optional.of("a"), 128L << 20));
        assertThat(config.pendingMaxBytes()).isEqualTo(32L << 20);
    }

    @Test
    void theRestOfKafkasSettingsGoesToItsClients() throws ConfigException {
        NodeConfig config = ConfigFile.write(folder, """
                        data.dir=data
                        kafka.bootstrap.servers=broker:9092
                        kafka.security.protocol=SASL_SSL
                        kafka.sasl.jaas.config=org.example.Login required \\
                            username="qed" \\
                            password="hunter2";
                        kafka.ssl.engine.factory.secret=hunter2
                        kafka.client.dns.lookup=use_all_dns_ips
                        """).load("kafka.sasl.mechanism=PLAIN");
        assertThat(config.kafka().connection())
                .containsOnly(
                        Map.entry("bootstrap.servers", "broker:9092"),
                        Map.entry("security.protocol", "SASL_SSL"),
                        Map.entry(
                                "sasl.jaas.config",
                                "org.example.Login required username=\"qed\" password=\"hunter2\";"),
                        Map.entry("ssl.engine.factory.secret", "hunter2"),
                        Map.entry("client.dns.lookup", "use_all_dns_ips"),
                        Map.entry("sasl.mechanism", "PLAIN"));
        assertThat(KafkaSettings.of("store1", config.kafka().connection()).connection())
                .isEqualTo(config.kafka().connection());
        assertThat(config.toString())
                .contains("sasl.jaas.config", "ssl.engine.factory.secret")
                .doesNotContain("hunter2");
    }

    @Test
    void theLastOverrideOfAKeyCountsAndTheFilesValueDoesNot() throws ConfigException {
        NodeConfig config = ConfigFile.write(folder, ConfigFile.LEAST + "nbd.max.connections=many\n")
                .load("nbd.max.connections=2", "nbd.max.connections = 3", "nbd.socket=a=b");
        assertThat(config.nbd().maxConnections()).isEqualTo(3);
        assertThat(config.nbd().socket()).contains(folder.resolve("a=b"));
    }

    @Test
    void theFileIsUtf8() throws Exception {
        Path file = folder.resolve("node.properties");
        Files.writeString(file, "data.dir=/srv/\u00fc\\u00fc\nkafka.bootstrap.servers=broker:1\n");
        assertThat(NodeConfig.load(file, List.of("node.id=a")).dataDir()).isEqualTo(Path.of("/srv/\u00fc\u00fc"));

        Files.write(file, "data.dir=/srv/\u00fc\n".getBytes(StandardCharsets.ISO_8859_1));
        assertThatThrownBy(() -> NodeConfig.load(file, List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("cannot read the configuration " + file + ": it is not UTF-8");
    }

    @Test
    void aFileThatIsNotThereIsNamed() {
        assertThatThrownBy(() -> NodeConfig.load(folder.resolve("none"), List.of()))
                .isInstanceOf(ConfigException.class)
                .hasMessage("cannot read the configuration " + folder.resolve("none") + ": No such file or directory");
    }
}
