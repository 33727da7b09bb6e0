package io.qedstore.cli;

import io.qedstore.qed.format.ImageGeometry;
import java.math.BigInteger;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The options of a new image, as {@code -o name=value,name=value} gives them; a comma in a value is doubled. */
final class CreateOptions {
    static final String HELP = """
            Supported qed options:
              backing_file=<str>     - File name of a base image
              backing_fmt=<str>      - Image format of the base image
              cluster_size=<size>    - Cluster size (in bytes)
              size=<size>            - Virtual disk size
              table_size=<size>      - L1/L2 table size (in clusters)
            """;

    private static final List<String> NAMES =
            List.of("backing_file", "backing_fmt", "cluster_size", "size", "table_size");

    private final Map<String, String> values = new LinkedHashMap<>();

    /** @throws CommandFailure if an option is unknown or has no value */
    static CreateOptions parse(List<String> lists) throws CommandFailure {
        CreateOptions options = new CreateOptions();
        for (String list : lists) {
            for (String option : split(list)) {
                options.add(option);
            }
        }
        return options;
    }

    /** Whether one of the lists is or holds {@code help}. */
    static boolean askForHelp(List<String> lists) {
        return lists.stream()
                .flatMap(list -> split(list).stream())
                .anyMatch(option -> option.equals("help") || option.equals("?"));
    }

    private static List<String> split(String list) {
        return Arrays.stream(list.replace(",,", "\0").split(",", -1))
                .map(option -> option.replace('\0', ','))
                .toList();
    }

    private void add(String option) throws CommandFailure {
        int equals = option.indexOf('=');
        String name = equals < 0 ? option : option.substring(0, equals);
        if (!NAMES.contains(name)) {
            throw new CommandFailure("Invalid parameter '" + name + "' (known: " + String.join(", ", NAMES) + ")");
        }
        if (equals < 0) {
            throw new CommandFailure("Parameter '" + name + "' has no value; write " + name + "=VALUE");
        }
        values.put(name, option.substring(equals + 1));
    }

    Optional<String> get(String name) {
        return Optional.ofNullable(values.get(name));
    }

    /** The cluster and table size, checked; defaults where nothing was said. */
    ImageGeometry geometry() throws CommandFailure {
        BigInteger clusterSize = number("cluster_size", ImageGeometry.DEFAULT_CLUSTER_SIZE);
        BigInteger tableSize = number("table_size", ImageGeometry.DEFAULT_TABLE_SIZE);
        if (!isLong(clusterSize) || !ImageGeometry.isClusterSize(clusterSize.longValue())) {
            throw new CommandFailure("QED cluster size must be within range [" + ImageGeometry.MIN_CLUSTER_SIZE + ", "
                    + ImageGeometry.MAX_CLUSTER_SIZE + "] and power of 2 (found " + clusterSize + ")");
        }
        if (!isLong(tableSize) || !ImageGeometry.isTableSize(tableSize.longValue())) {
            throw new CommandFailure("QED table size must be within range [" + ImageGeometry.MIN_TABLE_SIZE + ", "
                    + ImageGeometry.MAX_TABLE_SIZE + "] and power of 2 (found " + tableSize + ")");
        }
        return new ImageGeometry(clusterSize.intValueExact(), tableSize.intValueExact());
    }

    /** What qemu-img says it formats with: the numbers as they were asked for. */
    BigInteger number(String name, long ifMissing) throws CommandFailure {
        Optional<String> text = get(name);
        return text.isPresent() ? SizeArgument.option(name, text.get()) : BigInteger.valueOf(ifMissing);
    }

    private static boolean isLong(BigInteger value) {
        return value.bitLength() < Long.SIZE;
    }
}
