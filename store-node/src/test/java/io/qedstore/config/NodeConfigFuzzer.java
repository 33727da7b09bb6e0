package io.qedstore.config;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The fuzz target: a configuration that nobody wrote on purpose. The bytes are the file's; lines behind one that says {@code
 * --set} are overrides.
 *
 * <p>What must hold for every configuration:
 *
 * <ul>
 *   <li>it is one, and the same when it is read again, or what is thrown is a {@link ConfigException};
 *   <li>of that each problem is one line, and names the key or says where it stands;
 *   <li>what is set for Kafka's connections alone is in no message, and not in what the configuration says of itself.
 * </ul>
 */
public final class NodeConfigFuzzer {
    /** A value that the seeds set for Kafka. */
    static final String SECRET = "do-not-show-me";

    private static final String OVERRIDES = "\n--set\n";
    private static final Pattern SECRET_KEYS = Pattern.compile("kafka\\.(sasl|ssl|security)\\..*");
    private static final Pattern PLACE = Pattern.compile("(?s).*( line \\d+|in --set|--set has ).*");
    private static final Pattern NUMERIC_HOST = Pattern.compile("localhost|(0|1?\\d{1,2})(\\.(0|1?\\d{1,2})){3}|.*:.*");
    private static @Nullable Path written;

    private final Path file;
    private final List<String> overrides;

    private NodeConfigFuzzer(Path file, List<String> overrides) {
        this.file = file;
        this.overrides = overrides;
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        depth(bytes);
    }

    /** How far an input got; the seeds' test wants all of them. */
    enum Depth {
        UNREADABLE,
        REFUSED,
        LOADED
    }

    static synchronized Depth depth(byte[] bytes) throws IOException {
        Path file = written;
        if (file == null) {
            file = Files.createTempFile("fuzzed", ".properties");
            file.toFile().deleteOnExit();
            written = file;
        }
        String text = new String(bytes, UTF_8);
        int end = text.indexOf(OVERRIDES);
        if (end < 0) {
            write(file, bytes); // which need not be UTF-8
            return new NodeConfigFuzzer(file, List.of()).run();
        }
        write(file, text.substring(0, end).getBytes(UTF_8));
        String[] overrides = text.substring(end + OVERRIDES.length()).split("\n", -1);
        return new NodeConfigFuzzer(file, Arrays.asList(overrides)).run();
    }

    /** Without making it empty first, which file systems take for a reason to write it to the disk. */
    private static void write(Path file, byte[] bytes) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.truncate(Math.max(1, bytes.length)).write(ByteBuffer.wrap(bytes), 0);
            channel.truncate(bytes.length);
        }
    }

    private Depth run() {
        List<String> problems = new ArrayList<>();
        Map<String, Setting> settings;
        try {
            settings = SettingsFile.read(file, problems);
        } catch (ConfigException e) {
            requireProblems(e);
            return Depth.UNREADABLE;
        }
        if (asksANameServer(settings)) {
            return Depth.REFUSED;
        }
        boolean isSecret = isSecret(settings);
        try {
            NodeConfig config = NodeConfig.load(file, overrides, ConfigFile.MACHINE);
            require(config.equals(NodeConfig.load(file, overrides, ConfigFile.MACHINE)), "another at the second time");
            require(!isSecret || !config.toString().contains(SECRET), "shows a secret: " + config);
            return Depth.LOADED;
        } catch (ConfigException e) {
            requireProblems(e);
            require(!isSecret || !String.valueOf(e.getMessage()).contains(SECRET), "shows a secret: " + e.getMessage());
            return Depth.REFUSED;
        }
    }

    /** Looking up where to listen takes a name server, which is no part of this. */
    private boolean asksANameServer(Map<String, Setting> settings) {
        Stream<String> set = overrides.stream().map(override -> override.substring(override.indexOf('=') + 1));
        return Stream.concat(settings.values().stream().map(Setting::text), set)
                .flatMap(text -> HostAndPort.parse(text.strip()).stream())
                .anyMatch(found -> !NUMERIC_HOST.matcher(found.host()).matches());
    }

    /** Whether it stands nowhere but in what must not be shown. */
    private boolean isSecret(Map<String, Setting> settings) {
        boolean isInKeys = settings.keySet().stream().anyMatch(key -> key.contains(SECRET));
        return !isInKeys
                && overrides.stream().noneMatch(override -> override.contains(SECRET))
                && settings.values().stream()
                        .filter(setting -> setting.text().contains(SECRET))
                        .allMatch(setting -> SECRET_KEYS.matcher(setting.key()).matches());
    }

    private void requireProblems(ConfigException refused) {
        require(!refused.problems().isEmpty(), "refused without a reason");
        for (String problem : refused.problems()) {
            String here = problem.replace(file.toString(), "FILE");
            require(here.chars().noneMatch(Character::isISOControl), "more than a line: " + here);
            boolean isPlaced = PLACE.matcher(here).matches()
                    || here.startsWith("cannot read the configuration FILE")
                    || NodeKeys.ALL.stream().anyMatch(key -> here.contains(key.name()));
            require(isPlaced, "neither key nor place: " + here);
            require(String.valueOf(refused.getMessage()).contains(problem), "not in the message: " + here);
        }
    }

    private static void require(boolean holds, String message) {
        if (!holds) {
            throw new AssertionError(message);
        }
    }
}
