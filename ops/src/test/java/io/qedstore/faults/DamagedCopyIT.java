package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.cli.Program;
import io.qedstore.faults.QedPlaces.Place;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Files of an owner and of a replica are damaged, while they are open and while their node is down. What was damaged is found and put
 * back, or the file is made anew; no wrong byte is served; in the end all files are what the log says, and so was what the log says of
 * them.
 */
@Tag("once") // on one JDK
class DamagedCopyIT {
    private static final String OWNER = "n1";
    private static final String REPLICA = "n2";
    private static final int BIT = 5; // of the byte with bit 13, that of a cluster of 8 KiB
    private static final int SOME = 150;
    private static final int BLOCK = 4096;
    private static final int STORM = 20;
    private static final Map<String, String> SETTINGS = Map.of(
            "scrub.every",
            "0",
            "scrub.rate",
            "100M",
            "volume.attach",
            "shared",
            "volume.lease",
            "2s",
            "checkpoint.keep",
            "0"); // what makes one reads all of a file, too

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);

    // ---- while the file is open

    /**
     * Deliberate bugs: reads are not compared with what is known; a scrub passes over what should be a hole; a read that meets
     * damage fails.
     */
    @Test
    void aFlippedBitIsFoundAndPutBackAndNeverServed() throws Exception {
        System.out.println("seed " + seed);
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, SETTINGS);
                DamagedDisk disk = new DamagedDisk(1, "vm1")) {
            nodes.startNodes(OWNER, REPLICA);
            nodes.create(disk.image, List.of(OWNER, REPLICA), DamagedDisk.OPTIONS);
            disk.fill(nodes.node(OWNER).nbd(disk.image));
            awaitCopy(nodes, REPLICA, disk);
            disk.attach(nodes.node(OWNER).nbd(disk.image), nodes.node(REPLICA).nbd(disk.image), random);
            try (CopyReader replica = copyReader(nodes, REPLICA, disk);
                    CopyReader owner = copyReader(nodes, OWNER, disk)) {
                for (String node : List.of(REPLICA, OWNER)) {
                    for (Place place : Place.values()) {
                        foundByScrub(nodes, disk, place, List.of(node));
                    }
                    foundByRead(nodes, disk, node);
                    foundByWrite(nodes, disk, node);
                }
                for (Place place : Place.values()) {
                    foundByScrub(nodes, disk, place, List.of(OWNER, REPLICA));
                }
                foundInBothByRead(nodes, disk);
                storm(nodes, disk);
                disk.detach();
                for (CopyReader reader : List.of(replica, owner)) {
                    assertThat(reader.wrong()).as("seed " + seed).isEmpty();
                    assertThat(reader.errors()).as("seed " + seed).isEmpty();
                    assertThat(reader.answers()).isGreaterThan(SOME);
                }
            }
            nodes.judge(disk.image, disk.disk, "in the end");
            requireInOrder(nodes, disk);
            nodes.stopAndRequireFolds();
            assertThat(nodes.topic(disk.image).requireRecordedDigests()).isGreaterThan(5);
        }
    }

    private CopyReader copyReader(NodesOnKafka nodes, String node, DamagedDisk disk) {
        return new CopyReader(nodes.node(node).nbd(disk.image + "@latest"), disk.disk, random.nextLong());
    }

    private static long restored(NodesOnKafka nodes, String node, String image) {
        return nodes.copy(node, image).get("restoredBlocks").asLong();
    }

    /** Has all that the other node's copy has now. */
    private static void awaitCopy(NodesOnKafka nodes, String node, DamagedDisk disk) throws InterruptedException {
        long wanted = nodes.copy(other(node), disk.image).get("applied").asLong();
        NodesOnKafka.await("the copy of " + disk.image + " on " + node, () -> {
            JsonNode copy = nodes.copy(node, disk.image);
            return copy != null && copy.get("applied").asLong() >= wanted;
        });
    }

    private static String other(String node) {
        return node.equals(OWNER) ? REPLICA : OWNER;
    }

    /** Bits that have been flipped, on some nodes, of the same block. */
    private static final class Flips {
        private final NodesOnKafka nodes;
        private final DamagedDisk disk;
        private final String what;
        private final Map<String, Long> restored = new HashMap<>();
        private final Map<Path, Integer> right = new HashMap<>();
        private final long fileOffset;

        Flips(NodesOnKafka nodes, DamagedDisk disk, Place place, List<String> where) throws IOException {
            this.nodes = nodes;
            this.disk = disk;
            this.what = place + " of " + disk.image + " on " + where;
            this.fileOffset = QedPlaces.of(nodes.file(where.get(0), disk.image), place, DamagedDisk.QUIET);
            for (String node : where) {
                Path file = nodes.file(node, disk.image);
                restored.put(node, restored(nodes, node, disk.image));
                right.put(file, QedPlaces.read(file, fileOffset));
            }
            for (Path file : right.keySet()) {
                QedPlaces.flip(file, fileOffset, BIT);
            }
        }

        void awaitRestored() throws InterruptedException {
            NodesOnKafka.await(what + " to be put back", () -> {
                disk.requireGood(what);
                return restored.entrySet().stream()
                                .allMatch(each -> restored(nodes, each.getKey(), disk.image) > each.getValue())
                        && right.entrySet().stream().allMatch(each -> byteOf(each.getKey()) == each.getValue());
            });
        }

        private int byteOf(Path file) {
            try {
                return QedPlaces.read(file, fileOffset);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    private static void foundByScrub(NodesOnKafka nodes, DamagedDisk disk, Place place, List<String> where)
            throws IOException, InterruptedException {
        Flips flips = new Flips(nodes, disk, place, where);
        for (String node : where) {
            nodes.ask(node, "image", "scrub", disk.image, "--node=" + node);
        }
        flips.awaitRestored();
    }

    /** Nobody asks for a scrub. The owner has its tables in memory; its data it reads as often as it is asked. */
    private static void foundByRead(NodesOnKafka nodes, DamagedDisk disk, String node)
            throws IOException, InterruptedException {
        boolean isOwner = node.equals(OWNER);
        for (Place place : isOwner ? List.of(Place.DATA, Place.HOLE) : List.of(Place.values())) {
            Flips flips = new Flips(nodes, disk, place, List.of(node));
            disk.requireQuiet(nodes.node(REPLICA).nbd(disk.image + (isOwner ? "" : "@latest")), flips.what);
            flips.awaitRestored();
        }
    }

    /** Of a block that is written in part, the rest is looked at. */
    private static void foundByWrite(NodesOnKafka nodes, DamagedDisk disk, String node)
            throws IOException, InterruptedException {
        Flips flips = new Flips(nodes, disk, Place.DATA, List.of(node));
        disk.writeQuiet(nodes.node(OWNER).nbd(disk.image), node.equals(OWNER) ? 2 : 3);
        flips.awaitRestored();
        disk.requireQuiet(nodes.node(REPLICA).nbd(disk.image), flips.what);
    }

    /** Then the log has it. */
    private static void foundInBothByRead(NodesOnKafka nodes, DamagedDisk disk)
            throws IOException, InterruptedException {
        Flips flips = new Flips(nodes, disk, Place.DATA, List.of(OWNER, REPLICA));
        disk.requireQuiet(nodes.node(REPLICA).nbd(disk.image), flips.what);
        disk.requireQuiet(nodes.node(REPLICA).nbd(disk.image + "@latest"), flips.what);
        flips.awaitRestored();
    }

    /** Blocks that are being written and read, in both files. */
    private void storm(NodesOnKafka nodes, DamagedDisk disk) throws IOException, InterruptedException {
        for (int i = 0; i < STORM; i++) {
            Path file = nodes.file(i % 2 == 0 ? OWNER : REPLICA, disk.image);
            QedPlaces.flip(file, random.nextLong(Files.size(file)), random.nextInt(Byte.SIZE));
            disk.awaitAnswers(2);
        }
        disk.awaitAnswers(SOME);
        nodes.ask(OWNER, "image", "scrub", disk.image);
    }

    /** As anybody would ask; the log has confirmed what the copies hold. */
    private static void requireInOrder(NodesOnKafka nodes, DamagedDisk disk) throws InterruptedException {
        nodes.ask(OWNER, "image", "scrub", disk.image);
        String api = "--api=" + nodes.node(REPLICA).api();
        List<JsonNode> answers = new ArrayList<>();
        NodesOnKafka.await("the scrub of " + disk.image, () -> {
            Program.Result result = Program.run("image", "verify", disk.image, api, "--output=json");
            if (result.exitCode() == 0) {
                answers.add(NodesOnKafka.json(result.out()));
            }
            return result.exitCode() == 0;
        });
        JsonNode verified = answers.get(0);
        assertThat(verified.at("/log/state").asText()).isEqualTo("ok");
        assertThat(verified.get("copies")).hasSize(2);
        for (JsonNode copy : verified.get("copies")) {
            assertThat(copy.get("state").asText()).as(verified.toString()).isEqualTo("ok");
            assertThat(copy.get("recorded").asLong()).isPositive();
        }
        for (String node : List.of(OWNER, REPLICA)) {
            assertThat(nodes.copy(node, disk.image).get("verified").asLong()).isPositive();
        }
    }

    // ---- while the node is down

    private enum Damage {
        TRUNCATED,
        STALE,
        FOREIGN,
        DELETED,
        FLIPPED;

        String image() {
            return name().toLowerCase(java.util.Locale.ROOT);
        }

        /** What the node says of it at its start; empty if nothing. */
        String said() {
            return switch (this) {
                case TRUNCATED -> "has lost its end";
                case STALE, FOREIGN -> "is another than the one that was left";
                case DELETED -> "is gone; it is made anew";
                case FLIPPED -> "";
            };
        }
    }

    private enum Ending {
        STOPPED,
        KILLED
    }

    /**
     * Deliberate bugs: only a file that was closed is looked at; only of one that was closed it is asked how long it is.
     */
    @Test
    void aFileThatWasChangedWhileItsNodeWasDownIsNoticed() throws Exception {
        System.out.println("seed " + seed);
        List<DamagedDisk> disks = new ArrayList<>();
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, SETTINGS)) {
            nodes.startNodes(OWNER, REPLICA);
            for (Damage damage : Damage.values()) {
                DamagedDisk disk = new DamagedDisk(disks.size() + 1, damage.image());
                disks.add(disk);
                nodes.create(disk.image, List.of(OWNER, REPLICA), DamagedDisk.OPTIONS);
                disk.fill(nodes.node(OWNER).nbd(disk.image));
            }
            try {
                for (DamagedDisk disk : disks) {
                    awaitCopy(nodes, REPLICA, disk);
                }
                for (String node : List.of(REPLICA, OWNER)) {
                    Files.copy(nodes.file(node, Damage.STALE.image()), old(node));
                }
                for (String node : List.of(REPLICA, OWNER)) {
                    for (Ending ending : Ending.values()) {
                        down(nodes, disks, node, ending);
                    }
                }
                for (DamagedDisk disk : disks) {
                    nodes.judge(disk.image, disk.disk, "in the end");
                    requireInOrder(nodes, disk);
                }
                nodes.stopAndRequireFolds();
                for (DamagedDisk disk : disks) {
                    assertThat(nodes.topic(disk.image).requireRecordedDigests()).isPositive();
                }
            } finally {
                for (DamagedDisk disk : disks) {
                    disk.close();
                }
            }
        }
    }

    private Path old(String node) {
        return folder.resolve("old-" + node);
    }

    private void down(NodesOnKafka nodes, List<DamagedDisk> disks, String node, Ending ending)
            throws IOException, InterruptedException {
        String other = other(node);
        for (DamagedDisk disk : disks) {
            String uri = nodes.node(other).nbd(disk.image);
            disk.attach(uri, uri, random);
        }
        for (DamagedDisk disk : disks) {
            disk.awaitAnswers(SOME);
        }
        switch (ending) {
            case STOPPED -> nodes.stop(node);
            case KILLED -> nodes.kill(node);
        }
        for (Damage damage : Damage.values()) {
            damage(nodes, node, damage, ending);
        }
        int said = nodes.log(node).length();
        nodes.startNode(node);
        List<CopyReader> readers = new ArrayList<>();
        try {
            for (DamagedDisk disk : disks) {
                readers.add(copyReader(nodes, node, disk));
            }
            for (DamagedDisk disk : disks) {
                disk.awaitAnswers(SOME);
                awaitCopy(nodes, node, disk);
                disk.requireQuiet(nodes.node(other).nbd(disk.image), "after the start of " + node);
                String latest = nodes.node(node).nbd(disk.image + "@latest");
                disk.awaitReadable(latest);
                disk.requireQuiet(latest, "after the start of " + node);
            }
            for (CopyReader reader : readers) {
                NodesOnKafka.await("reads of a copy", () -> reader.answers() > SOME);
            }
            for (DamagedDisk disk : disks) {
                disk.detach();
            }
        } finally {
            for (CopyReader reader : readers) {
                reader.close();
            }
        }
        String when = node + " " + ending + ", seed " + seed + ": ";
        assertThat(readers.stream().flatMap(reader -> reader.wrong().stream()))
                .as(when + "what was read of copies")
                .isEmpty();
        String log = nodes.log(node).substring(said);
        for (Damage damage : Damage.values()) {
            assertThat(log.lines().filter(line -> line.contains("the file of image " + damage.image())))
                    .as(when + damage)
                    .hasSize(damage.said().isEmpty() ? 0 : 1)
                    .allMatch(line -> line.contains(damage.said()));
        }
        assertThat(restored(nodes, node, Damage.FLIPPED.image())).as(when).isPositive();
    }

    private void damage(NodesOnKafka nodes, String node, Damage damage, Ending ending) throws IOException {
        Path file = nodes.file(node, damage.image());
        Path put = file.resolveSibling("put");
        switch (damage) {
            case TRUNCATED -> setLength(file, Files.size(file) - BLOCK);
            case STALE -> Files.copy(old(node), put);
            case FOREIGN -> {
                Files.copy(nodes.file(node, Damage.FLIPPED.image()), put);
                setLength(put, Files.size(file));
            }
            case DELETED -> Files.delete(file);
            case FLIPPED -> QedPlaces.flip(file, QedPlaces.of(file, Place.DATA, DamagedDisk.QUIET), BIT);
        }
        if (Files.exists(put)) {
            if (ending == Ending.KILLED) {
                Files.move(put, file, StandardCopyOption.REPLACE_EXISTING);
            } else { // in its place, which after a kill looks like what the node itself has written
                Files.write(file, Files.readAllBytes(put));
                Files.delete(put);
            }
        }
    }

    private static void setLength(Path file, long lengthBytes) throws IOException {
        try (RandomAccessFile bytes = new RandomAccessFile(file.toFile(), "rw")) {
            bytes.setLength(lengthBytes);
        }
    }
}
