package io.qedstore.config;

import io.qedstore.checkpoint.s3.S3Location;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.log.kafka.LogDurability;
import io.qedstore.nbd.ServerLimits;
import io.qedstore.nbd.TlsMode;
import java.net.InetSocketAddress;
import java.net.URI;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** All that can be set, each key once; {@code ops/docs/node-config.md} is made from here. */
final class NodeKeys {
    /** What begins so goes to Kafka's clients, without it. */
    static final String KAFKA = "kafka.";

    static final String KAFKA_OTHERS = "kafka.bootstrap.servers, kafka.client.dns.lookup and what begins with"
            + " kafka.security., kafka.sasl. or kafka.ssl.";

    static final ConfigKey<Optional<NodeId>> NODE_ID = ConfigKey.optional(
            "node.id",
            ValueTypes.NODE_ID,
            "the host's name",
            "What the node is called; no other node of the cluster may be called so, and it stays as it is.");
    static final ConfigKey<Set<NodeRole>> NODE_ROLES = ConfigKey.of(
            "node.roles",
            ValueTypes.someOf(NodeRole.class),
            "owner,replica",
            "Whether the node owns images, keeps copies of other nodes' images, or both.");
    static final ConfigKey<Optional<Long>> NODE_PENDING_MAX = ConfigKey.optional(
            "node.pending.max",
            SizeType.atLeast("4M"),
            "`256M`, or a quarter of the heap where that is less",
            "Memory for changes of all images that the log has not acknowledged yet; at the limit, writes wait.");

    static final ConfigKey<Path> DATA_DIR = ConfigKey.required(
            "data.dir", ValueTypes.PATH, "Folder of the node's images and of what it knows about them.");

    static final ConfigKey<List<HostAndPort>> KAFKA_BOOTSTRAP_SERVERS = ConfigKey.required(
            "kafka.bootstrap.servers", ValueTypes.BROKERS, "Brokers from which the node learns of all the others.");

    static final ConfigKey<Optional<Integer>> LOG_REPLICATION_FACTOR = ConfigKey.optional(
            "log.replication.factor",
            ValueTypes.number(1, Short.MAX_VALUE),
            "3, or the number of brokers where that is less",
            "On how many brokers the log of a new image is kept.");
    static final ConfigKey<Optional<Integer>> LOG_MIN_INSYNC_REPLICAS = ConfigKey.optional(
            "log.min.insync.replicas",
            ValueTypes.number(1, Short.MAX_VALUE),
            "one less than the replication factor; 1 at least, 2 with `log.durability=replicated`",
            "How many brokers must have a change before it is acknowledged; with fewer the log stands still.");
    static final ConfigKey<Optional<LogDurability>> LOG_DURABILITY = ConfigKey.optional(
            "log.durability",
            ValueTypes.oneOf(List.of(LogDurability.values())),
            "`replicated` where two brokers or more must have a change, else `fsync`",
            "What an acknowledged change of a new image survives: `replicated`, the failure of any one broker, for it is in"
                    + " the memory of two; `fsync`, a power failure of all brokers, for it is on their disks;"
                    + " `page-cache`, the end of a broker's process, but not of its machine.");
    static final ConfigKey<Duration> LOG_TIMEOUT = ConfigKey.of(
            "log.timeout",
            DurationType.between("0", "365d"),
            "0",
            "How long a request may wait for Kafka before it fails; 0: for ever, as on a hard mount.");

    static final ConfigKey<Optional<InetSocketAddress>> NBD_LISTEN = ConfigKey.of(
            "nbd.listen",
            ValueTypes.LISTEN.orNothing(),
            "127.0.0.1:10809",
            "Where NBD clients connect over TCP; empty: nowhere.");
    static final ConfigKey<Optional<HostAndPort>> NBD_ADVERTISE = ConfigKey.optional(
            "nbd.advertise",
            ValueTypes.REMOTE,
            "where it listens",
            "What other nodes and clients are told that `nbd.listen` is.");
    static final ConfigKey<Optional<Path>> NBD_SOCKET =
            ConfigKey.optional("nbd.socket", ValueTypes.PATH, "none", "Unix socket where NBD clients connect.");
    static final ConfigKey<Set<PosixFilePermission>> NBD_SOCKET_MODE = ConfigKey.of(
            "nbd.socket.mode", ValueTypes.SOCKET_MODE, "0600", "Who may connect to `nbd.socket`, as for chmod.");
    static final ConfigKey<TlsMode> NBD_TLS_MODE = ConfigKey.of(
            "nbd.tls.mode",
            ValueTypes.oneOf(List.of(TlsMode.values())),
            "off",
            "Whether NBD clients can (`allowed`) or must (`required`) use TLS.");
    static final ConfigKey<Optional<Path>> NBD_TLS_CREDS = ConfigKey.optional(
            "nbd.tls.creds",
            ValueTypes.PATH,
            "none",
            "Folder with `server-cert.pem`, `server-key.pem` and `ca-cert.pem`; read again when they change.");
    static final ConfigKey<Boolean> NBD_TLS_VERIFY_PEER = ConfigKey.of(
            "nbd.tls.verify.peer",
            ValueTypes.YES_OR_NO,
            "false",
            "Whether NBD clients that use TLS need a certificate that `ca-cert.pem` has signed.");
    static final ConfigKey<Integer> NBD_MAX_CONNECTIONS = ConfigKey.of(
            "nbd.max.connections",
            ValueTypes.number(1, 65536),
            String.valueOf(ServerLimits.DEFAULT.maxConnections()),
            "How many NBD clients may be connected at the same time.");

    static final ConfigKey<InetSocketAddress> API_LISTEN =
            ConfigKey.of("api.listen", ValueTypes.LISTEN, "127.0.0.1:10810", "Where the HTTP API is served.");
    static final ConfigKey<Optional<HostAndPort>> API_ADVERTISE = ConfigKey.optional(
            "api.advertise",
            ValueTypes.REMOTE,
            "where it listens",
            "What other nodes and clients are told that `api.listen` is.");
    static final ConfigKey<TlsMode> API_TLS_MODE = ConfigKey.of(
            "api.tls.mode",
            ValueTypes.oneOf(List.of(TlsMode.OFF, TlsMode.REQUIRED)),
            "off",
            "Whether the API is served over TLS.");
    static final ConfigKey<Optional<Path>> API_TLS_CREDS = ConfigKey.optional(
            "api.tls.creds", ValueTypes.PATH, "none", "Folder with the same files as `nbd.tls.creds`.");
    static final ConfigKey<Boolean> API_TLS_VERIFY_PEER = ConfigKey.of(
            "api.tls.verify.peer",
            ValueTypes.YES_OR_NO,
            "false",
            "Whether the API's clients need a certificate that `ca-cert.pem` has signed.");
    static final ConfigKey<Optional<Path>> API_TOKENS_FILE = ConfigKey.optional(
            "api.tokens.file",
            ValueTypes.PATH,
            "none",
            "File of those who may use the API, as `qedstore token create` makes it, the same on all nodes; read again when"
                    + " it changes. Without one everybody may who can connect.");
    static final ConfigKey<Optional<Path>> API_PEER_TOKEN_FILE = ConfigKey.optional(
            "api.peer.token.file",
            ValueTypes.PATH,
            "none",
            "File with the token that this node shows to other nodes' APIs; its role has to be `admin`.");

    static final ConfigKey<CacheMode> VOLUME_CACHE = ConfigKey.of(
            "volume.cache",
            ValueTypes.oneOf(List.of(CacheMode.values())),
            "writethrough",
            "When a write is answered, where the image does not say: `writethrough`, once the log has acknowledged it;"
                    + " `writeback`, at once, and a flush waits for the log.");
    static final ConfigKey<AttachMode> VOLUME_ATTACH = ConfigKey.of(
            "volume.attach",
            ValueTypes.oneOf(List.of(AttachMode.values())),
            "exclusive",
            "Whether one client at a time may write to an image, or several that agree among themselves.");
    static final ConfigKey<Duration> VOLUME_LEASE = ConfigKey.of(
            "volume.lease",
            DurationType.between("100ms", "10m"),
            "30s",
            "How long after its last append an owner answers reads; who takes its image by force waits for that long.");
    static final ConfigKey<Long> VOLUME_PENDING_MAX = ConfigKey.of(
            "volume.pending.max",
            SizeType.atLeast("4M"),
            "64M",
            "Memory for changes of one image that the log has not acknowledged yet; at the limit, writes wait.");

    static final ConfigKey<Boolean> VERIFY_READS = ConfigKey.of(
            "verify.reads",
            ValueTypes.YES_OR_NO,
            "true",
            "Whether what clients read is compared with what is known of the file, so that nothing is answered that the disk"
                    + " has changed; `false` reads faster, and leaves such damage to be found by the scrub.");
    static final ConfigKey<Duration> SCRUB_EVERY = ConfigKey.of(
            "scrub.every",
            DurationType.between("0", "3650d"),
            "7d",
            "How often each file is read from its beginning to its end and compared with what is known of it; 0: only when"
                    + " somebody asks for it.");
    static final ConfigKey<Long> SCRUB_RATE = ConfigKey.of(
            "scrub.rate",
            SizeType.atLeast("64k"),
            "20M",
            "How many bytes in a second that reads, of all files together.");
    static final ConfigKey<Integer> SEED_PARALLEL = ConfigKey.of(
            "seed.parallel",
            ValueTypes.number(1, 64),
            "2",
            "How many copies are made from other nodes' files and from checkpoints at a time, the former a part by turns.");
    static final ConfigKey<Long> SEED_RATE = ConfigKey.of(
            "seed.rate",
            SizeType.atLeast("0"),
            "0",
            "How many bytes in a second those take, all together; 0: as many as come.");

    static final ConfigKey<Optional<Long>> IMAGE_SIZE_MAX = ConfigKey.optional(
            "image.size.max",
            SizeType.atLeast("1M"),
            "none, whatever its clusters and tables allow",
            "The largest disk that an image may be created with, or resized to.");

    static final ConfigKey<Duration> TRASH_KEEP = ConfigKey.of(
            "trash.keep",
            DurationType.between("0", "3650d"),
            "7d",
            "How long a deleted image can come back at least, in time that its owner runs; then its files and its log are"
                    + " removed for ever.");

    static final ConfigKey<Long> CHECKPOINT_TAIL_BYTES = ConfigKey.of(
            "checkpoint.tail.bytes",
            SizeType.atLeast("64k"),
            "1G",
            "So many bytes of events behind the newest checkpoint of a copy, as far as the node has seen them written, and"
                    + " another is made.");
    static final ConfigKey<Duration> CHECKPOINT_AGE = ConfigKey.of(
            "checkpoint.age",
            DurationType.between("1s", "3650d"),
            "24h",
            "So long after the newest checkpoint another is made, if anything was written since.");
    static final ConfigKey<Optional<Long>> CHECKPOINT_RATE = ConfigKey.optional(
            "checkpoint.rate",
            SizeType.atLeast("64k"),
            "no limit",
            "How many bytes in a second are copied, and read again, for checkpoints.");
    static final ConfigKey<Integer> CHECKPOINT_KEEP = ConfigKey.of(
            "checkpoint.keep",
            ValueTypes.number(0, 1000),
            "1",
            "How many of the newest checkpoints of each copy stay, besides those that retention needs; with 0 none are"
                    + " made. Each takes up as much as its image, unless the file system can share blocks.");
    static final ConfigKey<Optional<S3Location>> CHECKPOINT_S3_URL = ConfigKey.optional(
            "checkpoint.s3.url",
            ValueTypes.S3_URL,
            "none",
            "Where the owners of images put their checkpoints too; the same on all nodes of a cluster. Who asks is said by"
                    + " the `AWS_` environment variables.");
    static final ConfigKey<Optional<URI>> CHECKPOINT_S3_ENDPOINT = ConfigKey.optional(
            "checkpoint.s3.endpoint", ValueTypes.HTTP_URL, "Amazon's own", "The server of `checkpoint.s3.url`.");
    static final ConfigKey<Optional<String>> CHECKPOINT_S3_REGION = ConfigKey.optional(
            "checkpoint.s3.region", ValueTypes.WORD, "that of `AWS_REGION`", "The region of `checkpoint.s3.url`.");

    static final ConfigKey<Duration> POINT_KEEP = ConfigKey.of(
            "point.keep",
            DurationType.between("0", "365d"),
            "10m",
            "How long the file of a point that clients have read (`NAME@POINT`) stays behind the last of them.");

    static final ConfigKey<Duration> RETENTION_EVERY = ConfigKey.of(
            "retention.every",
            DurationType.between("1s", "30d"),
            "10m",
            "How often an owner looks which of its images' histories are over their limits, and gives up what may go.");

    static final ConfigKey<Integer> DISK_WARN = ConfigKey.of(
            "disk.warn",
            ValueTypes.share(),
            "80%",
            "At which share used of the file system of `data.dir` the node warns.");
    static final ConfigKey<Integer> DISK_STOP_IMAGES = ConfigKey.of(
            "disk.stop.images",
            ValueTypes.share(),
            "90%",
            "At which share used it takes no more images and exports nothing.");
    static final ConfigKey<Integer> DISK_STOP_REPLICAS = ConfigKey.of(
            "disk.stop.replicas",
            ValueTypes.share(),
            "95%",
            "At which share used its copies of other nodes' images stop where they are, to leave the rest to its own.");

    static final ConfigKey<Boolean> INSECURE = ConfigKey.of(
            "insecure",
            ValueTypes.YES_OR_NO,
            "false",
            "Whether other hosts may be let in without TLS, or without showing who they are.");

    /** In the order of the documentation. */
    static final List<ConfigKey<?>> ALL = List.of(
            NODE_ID,
            NODE_ROLES,
            NODE_PENDING_MAX,
            DATA_DIR,
            KAFKA_BOOTSTRAP_SERVERS,
            LOG_REPLICATION_FACTOR,
            LOG_MIN_INSYNC_REPLICAS,
            LOG_DURABILITY,
            LOG_TIMEOUT,
            NBD_LISTEN,
            NBD_ADVERTISE,
            NBD_SOCKET,
            NBD_SOCKET_MODE,
            NBD_TLS_MODE,
            NBD_TLS_CREDS,
            NBD_TLS_VERIFY_PEER,
            NBD_MAX_CONNECTIONS,
            API_LISTEN,
            API_ADVERTISE,
            API_TLS_MODE,
            API_TLS_CREDS,
            API_TLS_VERIFY_PEER,
            API_TOKENS_FILE,
            API_PEER_TOKEN_FILE,
            VOLUME_CACHE,
            VOLUME_ATTACH,
            VOLUME_LEASE,
            VOLUME_PENDING_MAX,
            VERIFY_READS,
            SCRUB_EVERY,
            SCRUB_RATE,
            SEED_PARALLEL,
            SEED_RATE,
            IMAGE_SIZE_MAX,
            TRASH_KEEP,
            CHECKPOINT_TAIL_BYTES,
            CHECKPOINT_AGE,
            CHECKPOINT_RATE,
            CHECKPOINT_KEEP,
            CHECKPOINT_S3_URL,
            CHECKPOINT_S3_ENDPOINT,
            CHECKPOINT_S3_REGION,
            POINT_KEEP,
            RETENTION_EVERY,
            DISK_WARN,
            DISK_STOP_IMAGES,
            DISK_STOP_REPLICAS,
            INSECURE);

    private NodeKeys() {}
}
