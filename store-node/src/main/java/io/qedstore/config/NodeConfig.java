package io.qedstore.config;

import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * All that a store node is told. Paths are absolute.
 *
 * @param pendingMaxBytes of changes of all images that the log has not acknowledged yet
 * @param imageMaxBytes the largest disk that an image may be created with; empty for whatever its geometry allows
 * @param trashKeep how long a deleted image can come back at least, while this node runs
 * @param checkpoints when they are made, and where they are kept
 * @param pointKeep how long the file of a point stays behind its last reader
 * @param retentionEvery how often it is looked which histories are over their limits
 * @param insecure that it was said; what follows from it was checked
 */
public record NodeConfig(
        NodeId id,
        Set<NodeRole> roles,
        long pendingMaxBytes,
        Path dataDir,
        KafkaConfig kafka,
        LogConfig log,
        NbdConfig nbd,
        ApiConfig api,
        VolumeConfig volume,
        CopyConfig copies,
        OptionalLong imageMaxBytes,
        Duration trashKeep,
        CheckpointConfig checkpoints,
        Duration pointKeep,
        Duration retentionEvery,
        DiskConfig disk,
        boolean insecure) {
    private static final String OVERRIDE = "in --set";
    private static final long PENDING_MAX_BYTES = 256L << 20;

    public NodeConfig {
        roles = Set.copyOf(roles);
    }

    /**
     * Reads a file.
     *
     * @param overrides of the form key=value, each in the place of what the file says; the last of a key counts
     * @throws ConfigException with all that is wrong with it
     */
    public static NodeConfig load(Path file, List<String> overrides) throws ConfigException {
        return load(file, overrides, Machine.here());
    }

    static NodeConfig load(Path file, List<String> overrides, Machine machine) throws ConfigException {
        List<String> problems = new ArrayList<>();
        Map<String, Setting> settings = SettingsFile.read(file, problems);
        overrides.forEach(override -> override(settings, override, problems));
        ConfigValues values = ConfigValues.of(settings, problems);
        NodeRules.check(values, problems);
        Optional<NodeId> id = id(values, machine, problems);
        if (id.isEmpty() || !problems.isEmpty()) {
            throw new ConfigException(problems);
        }
        return new NodeConfig(
                id.get(),
                values.get(NodeKeys.NODE_ROLES),
                values.get(NodeKeys.NODE_PENDING_MAX).orElse(Math.min(PENDING_MAX_BYTES, machine.heapBytes() / 4)),
                folder(file).resolve(values.get(NodeKeys.DATA_DIR)),
                new KafkaConfig(values.kafka()),
                LogConfig.of(values),
                NbdConfig.of(values, folder(file)),
                ApiConfig.of(values, folder(file)),
                VolumeConfig.of(values),
                CopyConfig.of(values),
                values.get(NodeKeys.IMAGE_SIZE_MAX).map(OptionalLong::of).orElse(OptionalLong.empty()),
                values.get(NodeKeys.TRASH_KEEP),
                CheckpointConfig.of(values),
                values.get(NodeKeys.POINT_KEEP),
                values.get(NodeKeys.RETENTION_EVERY),
                DiskConfig.of(values),
                values.get(NodeKeys.INSECURE));
    }

    private static void override(Map<String, Setting> settings, String text, List<String> problems) {
        int equals = text.indexOf('=');
        if (equals < 1) {
            problems.add("--set has " + UnknownKey.shown(text) + ", expected key=value");
            return;
        }
        String key = text.substring(0, equals).strip();
        settings.put(key, new Setting(key, text.substring(equals + 1), OVERRIDE));
    }

    /** Empty if there is none, with the reason among the problems. */
    private static Optional<NodeId> id(ConfigValues values, Machine machine, List<String> problems) {
        if (!values.has(NodeKeys.NODE_ID)) {
            return Optional.empty();
        }
        Optional<NodeId> id = values.get(NodeKeys.NODE_ID).or(machine::nodeId);
        if (id.isEmpty()) {
            problems.add("node.id is not set, and the host's name cannot stand for it, found "
                    + machine.hostName().map(name -> "'" + name + "'").orElse("none") + "; expected a node.id");
        }
        return id;
    }

    private static Path folder(Path file) {
        return Objects.requireNonNull(file.toAbsolutePath().getParent(), "a file that was read has a folder");
    }
}
