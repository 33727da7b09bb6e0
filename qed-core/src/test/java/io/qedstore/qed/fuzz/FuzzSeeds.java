package io.qedstore.qed.fuzz;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;

/** The seeds of a fuzz target, and inputs that are made from them without the fuzzer, as any build can. */
public final class FuzzSeeds {
    private static final int MAX_BYTES = 4096;
    private static final int MAX_MUTATIONS = 6;
    private static final int[] EDGES = {0, 1, 0x7f, 0x80, 0xff};

    private final List<byte[]> seeds = new ArrayList<>();

    /** @param name of their folder */
    public FuzzSeeds(String name) throws IOException {
        for (Path file : files(name)) {
            seeds.add(Files.readAllBytes(file));
        }
    }

    static Path folder(String name) {
        return Path.of("src", "test", "resources", "fuzz", name);
    }

    /** By their names. */
    public static List<Path> files(String name) throws IOException {
        try (Stream<Path> files = Files.list(folder(name))) {
            return files.sorted().toList();
        }
    }

    /** One of the seeds, changed in a few places; now and then it is not. */
    public byte[] mutated(Random random) {
        byte[] input = any(random);
        for (int i = random.nextInt(MAX_MUTATIONS); i > 0; i--) {
            input = mutation(input, random);
        }
        return input;
    }

    private byte[] any(Random random) {
        return seeds.get(random.nextInt(seeds.size()));
    }

    private byte[] mutation(byte[] input, Random random) {
        int at = random.nextInt(input.length + 1);
        int count = 1 + random.nextInt(random.nextBoolean() ? 8 : 64);
        return switch (random.nextInt(6)) {
            case 0 -> with(input, at, (byte) (1 << random.nextInt(8)), true);
            case 1 -> with(input, at, (byte) EDGES[random.nextInt(EDGES.length)], false);
            case 2 -> with(input, at, (byte) random.nextInt(256), false);
            case 3 -> joined(Arrays.copyOf(input, at), rest(input, at + count)); // cut out
            case 4 -> joined(Arrays.copyOf(input, Math.min(input.length, at + count)), rest(input, at)); // twice
            default -> {
                byte[] other = any(random);
                yield joined(Arrays.copyOf(input, at), rest(other, random.nextInt(other.length + 1)));
            }
        };
    }

    private static byte[] with(byte[] input, int at, byte value, boolean flip) {
        byte[] changed = input.clone();
        if (at < changed.length) {
            changed[at] = flip ? (byte) (changed[at] ^ value) : value;
        }
        return changed;
    }

    private static byte[] rest(byte[] input, int from) {
        return Arrays.copyOfRange(input, Math.min(input.length, from), input.length);
    }

    private static byte[] joined(byte[] first, byte[] second) {
        byte[] joined = Arrays.copyOf(first, Math.min(MAX_BYTES, first.length + second.length));
        System.arraycopy(second, 0, joined, first.length, joined.length - first.length);
        return joined;
    }
}
