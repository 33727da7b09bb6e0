package io.qedstore.faults;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.cli.Program;
import io.qedstore.cli.Rebuilds;
import io.qedstore.rebuild.PointException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * What {@code replica rebuild} makes at any point of an image that is written at random, by owners whose clocks differ and jump: the
 * file that a second fold of the log predicts.
 */
@Tag("once") // on one JDK
class RebuildToPointIT {
    private static final int REBUILDS = Integer.getInteger("qedstore.rebuilds", 200);
    private static final int TIMES = REBUILDS / 4;
    private static final int BY_COMMAND = 12;

    private static final String IMAGE = "vm1";
    private static final List<String> NODES = List.of("n1", "n2");
    private static final int WRITTEN_BYTES = 8 << 20;
    private static final int SOME = 150;
    private static final int HOUR = 3600;

    @TempDir
    private Path folder = Path.of("");

    private final long seed = Long.getLong("qedstore.seed", System.nanoTime());
    private final Random random = new Random(seed);
    private int files;

    /** How an owner comes to be. */
    private enum Way {
        STAYS,
        HANDOFF,
        FORCED
    }

    /** An owner for a while, and how far its clock is ahead, or behind if negative. */
    private record Tenure(Way way, String owner, int aheadSeconds) {}

    /** Clocks of owners that differ, jump ahead and jump back. The last is wrong by so much that its events lie in the future. */
    private static final List<Tenure> TENURES = List.of(
            new Tenure(Way.STAYS, "n1", -120),
            new Tenure(Way.HANDOFF, "n2", -30),
            new Tenure(Way.HANDOFF, "n1", -150),
            new Tenure(Way.STAYS, "n1", -10),
            new Tenure(Way.FORCED, "n2", -300),
            new Tenure(Way.HANDOFF, "n1", 0),
            new Tenure(Way.STAYS, "n1", -60),
            new Tenure(Way.HANDOFF, "n2", HOUR));

    /**
     * A moment, as somebody saw it who looked at the owner's clock.
     *
     * @param before an event that had happened
     * @param behind an event that had not
     * @param isNewest whether no clock of an owner had been there before
     */
    private record Moment(Instant owners, long before, long behind, boolean isNewest) {}

    /** What is known of the log without having read it. */
    private record Load(List<Moment> moments, Map<String, Long> snapshots) {}

    /**
     * Deliberate bugs: a fold that does not ask whether an event's epoch is open; a rebuild that begins at a checkpoint behind its
     * point; a point in time that leaves out the event at that very time; an owner that gives events a time before that of the last
     * one.
     */
    @Test
    void aRebuildIsWhatASecondFoldOfTheLogPredicts() throws Exception {
        System.out.println("seed " + seed);
        Map<String, ShiftedClock> clocks = new HashMap<>();
        Map<String, String> settings = Map.of(
                "volume.lease", "2s",
                "volume.attach", "shared",
                "checkpoint.tail.bytes", "1M",
                "checkpoint.keep", "1000");
        try (NodesOnKafka nodes = NodesOnKafka.start(folder, settings)) {
            for (String node : NODES) {
                ShiftedClock clock = ShiftedClock.in(folder, node);
                clock.set(TENURES.get(0).aheadSeconds());
                clocks.put(node, clock);
                nodes.giveClock(node, clock);
            }
            nodes.startNodes("n1", "n2");
            nodes.create(IMAGE, NODES, "--cluster-size=4k", "--table-size=2");
            BareLog log = new BareLog(
                    nodes.kafka().bootstrapServers(), nodes.topic(IMAGE).name());
            Load load = write(nodes, clocks);
            appendWhatDoesNotCount(log);
            try (RandomClients clients = RandomClients.on(nodes, NODES, IMAGE, random, WRITTEN_BYTES)) {
                clients.make(SOME);
                clients.finish();
            }
            nodes.awaitRest(IMAGE);
            long last = nodes.copy("n2", IMAGE).get("sequence").asLong();
            nodes.stopAndRequireFolds();

            List<byte[]> records = log.read();
            ReferenceFile end = folded(records, Set.of(), new HashMap<>());
            System.out.println(records.size() + " records, " + last + " events, " + end.left() + " records left out, "
                    + end.epoch() + " epochs");
            assertThat(end.sequence()).as("the last event, seed " + seed).isGreaterThanOrEqualTo(last);
            assertThat(end.left()).as("records that do not count").isGreaterThanOrEqualTo(3);
            for (String node : NODES) {
                assertThat(sha256(nodes.file(node, IMAGE)))
                        .as("the file on " + node + ", seed " + seed)
                        .isEqualTo(end.sha256());
            }
            requireWildClocks(end);
            requireMoments(end, load);
            requirePoints(nodes, load, records, end);
        }
    }

    private Load write(NodesOnKafka nodes, Map<String, ShiftedClock> clocks) throws Exception {
        Load load = new Load(new ArrayList<>(), new LinkedHashMap<>());
        int newest = Integer.MIN_VALUE;
        try (RandomClients clients = RandomClients.on(nodes, NODES, IMAGE, random, WRITTEN_BYTES)) {
            for (Tenure tenure : TENURES) {
                requireNonNull(clocks.get(tenure.owner())).set(tenure.aheadSeconds());
                long isSet = System.nanoTime() + TimeUnit.SECONDS.toNanos(2 * ShiftedClock.LOOK_SECONDS);
                clients.give(SOME);
                begin(nodes, clients, tenure);
                clients.awaitAll();
                NodesOnKafka.await("the clock to be set", () -> System.nanoTime() - isSet > 0);
                clients.make(SOME / 2);
                boolean isNewest = tenure.aheadSeconds() > newest;
                newest = Math.max(newest, tenure.aheadSeconds());
                load.moments().add(moment(nodes, clients, tenure, isNewest));
                String snapshot = "s" + load.snapshots().size();
                load.snapshots().put(snapshot, snapshot(nodes, clients, tenure, snapshot));
            }
            clients.finish();
        }
        nodes.awaitRest(IMAGE);
        return load;
    }

    private static void begin(NodesOnKafka nodes, RandomClients clients, Tenure tenure) throws Exception {
        switch (tenure.way()) {
            case STAYS -> {}
            case HANDOFF -> nodes.promote(IMAGE, tenure.owner());
            case FORCED -> { // what the old one was about to append comes too late
                nodes.pause("n1");
                try {
                    nodes.promote(IMAGE, "n2", "--force");
                    clients.awaitAllOfHalf();
                } finally {
                    nodes.wake("n1");
                }
            }
        }
    }

    private static long sequence(NodesOnKafka nodes, Tenure tenure) {
        return nodes.copy(tenure.owner(), IMAGE).get("sequence").asLong();
    }

    private static Moment moment(NodesOnKafka nodes, RandomClients clients, Tenure tenure, boolean isNewest)
            throws InterruptedException {
        long before = sequence(nodes, tenure);
        clients.make(SOME / 10);
        Instant owners = Instant.now().plusSeconds(tenure.aheadSeconds());
        clients.make(SOME / 10);
        return new Moment(owners, before, sequence(nodes, tenure), isNewest);
    }

    private long snapshot(NodesOnKafka nodes, RandomClients clients, Tenure tenure, String name)
            throws InterruptedException {
        long before = sequence(nodes, tenure);
        clients.give(SOME);
        long at = nodes.ask(NODES.get(random.nextInt(2)), "image", "snapshot", "create", IMAGE, name)
                .get("sequence")
                .asLong();
        clients.awaitAll();
        assertThat(at).as("snapshot " + name).isBetween(before, sequence(nodes, tenure));
        return at;
    }

    /** An event of an epoch that is over, which else fits; an event and a claim again; and what is no record at all. */
    private static void appendWhatDoesNotCount(BareLog log) throws Exception {
        List<byte[]> records = log.read();
        ReferenceFile end = folded(records, Set.of(), new HashMap<>());
        log.append(List.of(end.late(end.epoch() - 1), records.get(records.size() - 1), records.get(0), new byte[] {
            (byte) 0xff, 1, 2, 3
        }));
    }

    /** Folds records, and notes the digests of the file behind some events. */
    private static ReferenceFile folded(List<byte[]> records, Set<Long> wanted, Map<Long, String> digests) {
        ReferenceFile file = new ReferenceFile();
        for (byte[] record : records) {
            long before = file.sequence();
            file.add(record);
            if (file.sequence() != before && wanted.contains(file.sequence())) {
                digests.put(file.sequence(), file.sha256());
            }
        }
        return file;
    }

    // ---- clocks

    /** The owners' clocks were what they were set to, and the times of events do not go back all the same. */
    private void requireWildClocks(ReferenceFile end) {
        List<Long> claims = end.claimTimesMicros();
        long back = Stream.iterate(1, i -> i < claims.size(), i -> i + 1)
                .filter(i -> claims.get(i) < claims.get(i - 1))
                .count();
        assertThat(back).as("claims at a time before the last one's").isPositive();
        List<Long> times = end.timesMicros();
        assertThat(times).as("times of events, seed " + seed).isSorted();
        assertThat(times.get(times.size() - 1))
                .as("the last event's time, by a clock that is wrong by an hour")
                .isGreaterThan(micros(Instant.now().plusSeconds(HOUR / 2)));
    }

    /** What happened before a moment by the owner's clock is told from what happened behind it, if that clock was right before. */
    private void requireMoments(ReferenceFile end, Load load) {
        for (Moment moment : load.moments()) {
            if (moment.isNewest()) {
                assertThat(at(end, micros(moment.owners())))
                        .as(moment + ", seed " + seed)
                        .isBetween(moment.before(), moment.behind() - 1);
            } else {
                assertThat(time(end, moment.behind()))
                        .as("no time goes by while a clock is behind: " + moment + ", seed " + seed)
                        .isEqualTo(time(end, moment.before()));
            }
        }
    }

    private static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    private static long time(ReferenceFile end, long sequence) {
        return end.timesMicros().get(Math.toIntExact(sequence - 1));
    }

    /** The last event at or before a time; 0 if there is none. */
    private static long at(ReferenceFile end, long micros) {
        return end.timesMicros().stream().filter(time -> time <= micros).count(); // they are sorted
    }

    private static String timePoint(long micros) {
        return "time:" + Instant.EPOCH.plus(micros, ChronoUnit.MICROS);
    }

    // ---- points

    private void requirePoints(NodesOnKafka nodes, Load load, List<byte[]> records, ReferenceFile end)
            throws Exception {
        Map<String, Long> points = points(load, end);
        Map<Long, String> digests = new HashMap<>();
        folded(records, new TreeSet<>(points.values()), digests);
        List<List<Path>> from = List.of(
                List.of(),
                List.of(checkpoints(nodes, "n1")),
                List.of(checkpoints(nodes, "n2")),
                List.of(checkpoints(nodes, "n1"), checkpoints(nodes, "n2")));
        String kafka = nodes.kafka().bootstrapServers();
        int made = 0;
        try (Rebuilds rebuilds = Rebuilds.open(kafka)) {
            for (Map.Entry<String, Long> point : points.entrySet()) {
                List<Path> checkpoints = from.get(made % from.size());
                Path file = newFile();
                long sequence = rebuilds.make(IMAGE, point.getKey(), checkpoints, file);
                require(point, checkpoints, sequence, file, digests);
                made++;
            }
            String tooEarly = timePoint(end.timesMicros().get(0) - 1);
            assertThatThrownBy(() -> rebuilds.make(IMAGE, tooEarly, List.of(), newFile()))
                    .isInstanceOf(PointException.class)
                    .hasMessageContaining("no event at time:");
        }
        int commands = requireByCommand(kafka, points, from, digests);
        System.out.println(made + " rebuilt in one process, " + commands + " by the command");
        String ahead = timePoint(end.timesMicros().get(end.timesMicros().size() - 1));
        Program.Result refused = rebuild(kafka, ahead, List.of(), newFile());
        assertThat(refused.exitCode()).isEqualTo(2);
        assertThat(refused.err()).contains("lies in the future");
    }

    /** Points, and the events that they are behind. */
    private Map<String, Long> points(Load load, ReferenceFile end) {
        Map<String, Long> points = new LinkedHashMap<>();
        long last = end.sequence();
        for (long edge : new long[] {1, 2, last - 1, last}) {
            points.put("seq:" + edge, edge);
        }
        while (points.size() < REBUILDS + 4) {
            long sequence = 1L + random.nextInt(Math.toIntExact(last));
            points.put("seq:" + sequence, sequence);
        }
        load.snapshots().forEach((name, sequence) -> points.put("snapshot:" + name, sequence));
        load.moments().stream()
                .map(moment -> micros(moment.owners()))
                .filter(time -> time < micros(Instant.now()) && at(end, time) > 0)
                .forEach(time -> points.put(timePoint(time), at(end, time)));
        long inThePast = at(end, micros(Instant.now())); // the others lie in the future
        assertThat(inThePast).isBetween(1L, last - 1);
        for (int i = 0; i < TIMES; i++) {
            long time = time(end, 1L + random.nextInt(Math.toIntExact(inThePast)));
            long justBefore = Math.max(time - 1, end.timesMicros().get(0));
            long micros = random.nextBoolean() ? time : justBefore;
            points.put(timePoint(micros), at(end, micros));
        }
        points.put("latest", last);
        return points;
    }

    private int requireByCommand(
            String kafka, Map<String, Long> points, List<List<Path>> from, Map<Long, String> digests) throws Exception {
        int made = 0;
        for (String kind : List.of("seq:", "time:", "snapshot:", "latest")) {
            List<Map.Entry<String, Long>> of = new ArrayList<>(points.entrySet().stream()
                    .filter(point -> point.getKey().startsWith(kind))
                    .toList());
            Collections.shuffle(of, random);
            for (Map.Entry<String, Long> point : of.subList(0, Math.min(of.size(), BY_COMMAND))) {
                List<Path> checkpoints = from.get(made % from.size());
                Path file = newFile();
                Program.Result done = rebuild(kafka, point.getKey(), checkpoints, file);
                assertThat(done.exitCode()).as(point + ": " + done.err()).isZero();
                assertThat(done.out()).contains("at sequence " + point.getValue() + " as ");
                Program.Result checked = Program.run("file", "check", file);
                assertThat(checked.exitCode())
                        .as("a check of " + point + ", seed " + seed + ": " + checked)
                        .isZero();
                require(point, checkpoints, point.getValue(), file, digests);
                made++;
            }
        }
        return made;
    }

    private static Program.Result rebuild(String kafka, String at, List<Path> checkpoints, Path to) {
        List<Object> words = new ArrayList<>(List.of("replica", "rebuild", "--kafka=" + kafka, "--image=" + IMAGE));
        words.add("--at=" + at);
        checkpoints.forEach(each -> words.add("--checkpoints=" + each));
        words.add("--to=" + to);
        return Program.run(words.toArray());
    }

    private void require(
            Map.Entry<String, Long> point, List<Path> from, long sequence, Path file, Map<Long, String> digests)
            throws Exception {
        String what = point.getKey() + " from " + from + ", seed " + seed;
        assertThat(sequence).as(what).isEqualTo(point.getValue());
        assertThat(sha256(file)).as(what).isEqualTo(digests.get(point.getValue()));
        Files.delete(file);
    }

    private static Path checkpoints(NodesOnKafka nodes, String node) {
        return nodes.file(node, IMAGE).resolveSibling("../checkpoints").normalize();
    }

    private Path newFile() {
        files++;
        return folder.resolve("rebuilt-" + files + ".qed");
    }

    private static String sha256(Path file) throws Exception {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(file)));
    }
}
