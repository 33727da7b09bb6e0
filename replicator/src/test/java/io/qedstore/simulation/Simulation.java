package io.qedstore.simulation;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Epoch;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.LogRecord;
import io.qedstore.event.NodeId;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.log.TopicId;
import io.qedstore.owner.LogOwner;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.UUID;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * One run: three nodes, one image, a minute of trouble, half a minute of peace. Checks at every turn what was promised:
 *
 * <ul>
 *   <li>for every sequence one event is acknowledged, and stays
 *   <li>all places that anybody is at are the reference fold's
 *   <li>every copy is the reference's, and nothing in it is above the ceiling
 *   <li>what a power cut leaves comes right from the stored place on
 *   <li>of two owners only one may answer reads
 *   <li>in peace an owner is found, writes, and the others follow
 * </ul>
 */
final class Simulation {
    private static final ImageId IMAGE = ImageId.of(1, 2);
    private static final LineageId LINEAGE = LineageId.of(3, 4);
    private static final TopicId TOPIC = new TopicId(new UUID(7, 7));
    private static final long TROUBLE_MICROS = 60_000_000;

    private final SimScheduler scheduler;
    private final SimTopic topic;
    private final List<SimNode> nodes = new ArrayList<>();
    private final boolean lossy;
    private final DigestAlgorithm algorithm;
    private ReferenceFold reference;
    private boolean chaos = true;

    /** What was acknowledged, by sequence. */
    private final Map<Long, String> acknowledged = new HashMap<>();

    /** Up to here a client's flush was answered. */
    private long flushed;

    private final double diskFailures;
    private int losses;
    private int namedLosses;
    private int acknowledgements;

    /** @param lossy the log may lose what it acknowledged */
    Simulation(long seed, Bug bug, boolean lossy) {
        Random random = new Random(seed);
        this.lossy = lossy;
        this.scheduler = new SimScheduler(random);
        boolean sha = bug != Bug.APPLY_BEFORE_ACKNOWLEDGEMENT && random.nextInt(4) == 0;
        this.algorithm = sha ? DigestAlgorithm.SHA_256 : DigestAlgorithm.XXH3_128;
        this.reference = new ReferenceFold(sha);
        double bad = random.nextInt(3) * random.nextDouble() * 0.1;
        SimTopic.Chaos trouble = new SimTopic.Chaos(bad * 0.3, bad, bad * 0.5, random.nextBoolean() ? bad : 0, bad);
        this.diskFailures = random.nextInt(4) == 0 ? random.nextDouble() * 0.002 : 0;
        this.topic = new SimTopic(scheduler, trouble, this::committed);
        for (int i = 0; i < 3; i++) {
            nodes.add(new SimNode(this, scheduler, topic, i, bug));
        }
    }

    ImageId image() {
        return IMAGE;
    }

    FoldState start() {
        return FoldState.start(IMAGE, LINEAGE, TOPIC);
    }

    DigestAlgorithm algorithm() {
        return algorithm;
    }

    /** How often a node said that the log had lost something. */
    int namedLosses() {
        return namedLosses;
    }

    /** How many events were acknowledged. */
    int acknowledgements() {
        return acknowledgements;
    }

    void run() {
        write();
        disturb();
        watch();
        scheduler.runUntil(TROUBLE_MICROS);
        chaos = false;
        topic.calmDown();
        nodes.forEach(SimNode::wakeUp);
        nodes.forEach(SimNode::comeBack);
        scheduler.runUntil(TROUBLE_MICROS + 10_000_000);
        int before = acknowledgements;
        nodes.get(0).take(LogOwner.Takeover.FORCED);
        scheduler.runUntil(TROUBLE_MICROS + 20_000_000);
        if (!nodes.get(0).owns()) { // another was faster to claim again what it had
            nodes.get(0).take(LogOwner.Takeover.FORCED);
        }
        scheduler.runUntil(TROUBLE_MICROS + 40_000_000);
        checkPeace(before);
    }

    // ---- what happens

    private void write() {
        scheduler.after(scheduler.upTo(chaos ? 200_000 : 1_000_000), () -> {
            SimNode node = anyNode();
            if (scheduler.nowMicros() < TROUBLE_MICROS + 36_000_000) {
                node.write(1 + scheduler.random.nextInt(4));
            }
            write();
        });
    }

    private void disturb() {
        scheduler.after(scheduler.upTo(1_500_000), () -> {
            if (chaos) {
                disturbOnce();
                disturb();
            }
        });
    }

    private void disturbOnce() {
        SimNode node = anyNode();
        switch (scheduler.random.nextInt(14)) {
            case 0, 1 -> node.take(LogOwner.Takeover.IF_FREE);
            case 2, 3 -> node.take(LogOwner.Takeover.FORCED);
            case 4 -> {
                if (nodes.stream().noneMatch(other -> other != node && other.isUp())) {
                    node.take(LogOwner.Takeover.OTHER_IS_DEAD);
                }
            }
            case 5 -> node.release();
            case 6 -> {
                node.crash();
                scheduler.after(scheduler.upTo(6_000_000), node::comeBack);
            }
            case 7, 8 -> node.pause(scheduler.upTo(8_000_000));
            case 9 -> topic.goAway(scheduler.upTo(3_000_000));
            case 10 -> topic.changeLeader();
            case 11 -> node.jumpClock(scheduler.upTo(20_000_000) - 10_000_000);
            case 12 -> putStray();
            default -> {
                if (lossy && scheduler.chance(0.5)) {
                    topic.changeLeaderUncleanly();
                    forgetLost();
                }
            }
        }
    }

    /** Somebody puts an old record, none at all, or a forged one into the topic. */
    private void putStray() {
        int kind = topic.end() == 0 ? 0 : scheduler.random.nextInt(4);
        switch (kind) {
            case 0 -> topic.put(new byte[] {1, 2, 3});
            case 1 -> topic.put(forged());
            default -> topic.put(topic.bytesAt(scheduler.random.nextInt(topic.end())));
        }
    }

    /** The event that comes next, but not written behind the one before. */
    private byte[] forged() {
        ReferenceFold.State now = reference.last();
        LogRecord.Event event = new LogRecord.Event(
                new RecordHead(IMAGE, LINEAGE, new Epoch(now.epoch())),
                new Sequence(now.sequence() + 1),
                new Digest(scheduler.random.nextLong(), 1),
                scheduler.nowMicros(),
                EventBody.first(
                        algorithm, List.of(), List.of(new QedChange.DataWritten(0, ByteBuffer.wrap(new byte[64])))));
        return EventCodec.encode(event);
    }

    private SimNode anyNode() {
        return nodes.get(scheduler.random.nextInt(nodes.size()));
    }

    // ---- what must hold

    private void committed(int offset, byte[] bytes) {
        require(offset == reference.size(), () -> "the model is wrong about its end", null);
        reference.add(bytes);
    }

    /** The log has lost its end: what was acknowledged there is lost, and whoever knew it must say so. */
    private void forgetLost() {
        losses = topic.truncations();
        ReferenceFold left = new ReferenceFold(algorithm == DigestAlgorithm.SHA_256);
        for (int offset = 0; offset < topic.end(); offset++) {
            left.add(topic.bytesAt(offset));
        }
        reference = left;
        acknowledged.keySet().removeIf(sequence -> sequence > left.last().sequence());
    }

    /** Whether a disk fails now. */
    boolean diskFails() {
        return chaos && scheduler.chance(diskFailures);
    }

    void diskFailed(SimNode node) {
        require(diskFailures > 0, () -> "a file failed whose disk did not", node);
    }

    /** All up to here was written before a flush that was answered. */
    void flushed(long sequence) {
        flushed = Math.max(flushed, sequence);
        checkFlushed();
    }

    private void checkFlushed() {
        require(
                losses > 0 || reference.last().sequence() >= flushed,
                () -> "flushed up to " + flushed + ", and lost",
                null);
        acknowledged.keySet().stream()
                .filter(sequence -> sequence <= flushed)
                .forEach(sequence -> checkAcknowledged(sequence, null));
    }

    void acknowledged(long stamp, FoldState after, SimNode node) {
        acknowledgements++;
        long sequence = after.sequence().value();
        String before = acknowledged.put(sequence, HexFormat.of().toHexDigits(stamp));
        require(before == null || losses > 0, () -> "sequence " + sequence + " was acknowledged twice", node);
        checkState(after, node);
        checkAcknowledged(sequence, node);
    }

    private void checkAcknowledged(long sequence, @Nullable SimNode node) {
        if (losses > 0) {
            return;
        }
        List<ReferenceFold.Applied> events = reference.events();
        require(sequence <= events.size(), () -> "acknowledged sequence " + sequence + " is not in the log", node);
        require(
                events.get((int) sequence - 1).stamp().equals(acknowledged.get(sequence)),
                () -> "sequence " + sequence + " is another event than the one that was acknowledged",
                node);
    }

    void checkState(FoldState state, SimNode node) {
        long offset = state.position().nextOffset();
        if (losses > 0) {
            return;
        }
        require(offset <= reference.size(), () -> "folded up to " + offset + ", beyond what is in the log", node);
        ReferenceFold.State found = new ReferenceFold.State(
                state.sequence().value(),
                state.digest().toString(),
                state.epoch().value(),
                state.epochStatus().name(),
                state.ownership().node().map(NodeId::value).orElse(""),
                state.ownership().lease().toMillis(),
                state.ownership().othersLease().toMillis());
        require(
                found.equals(reference.stateAt(offset)),
                () -> "the fold at " + offset + " is " + found + ", expected " + reference.stateAt(offset),
                node);
    }

    void checkContent(MemoryImageFile file, long sequence, SimNode node) {
        if (losses > 0) {
            return;
        }
        require(
                sequence <= reference.last().sequence(),
                () -> "applied " + sequence + ", which is not in the log",
                node);
        require(
                Arrays.equals(bytesOf(file), reference.contentAt(sequence)),
                () -> "the file at sequence " + sequence + " differs from the reference",
                node);
    }

    void checkRedo(MemoryImageFile left, long synced, long ceiling, SimNode node) {
        if (losses > 0) {
            return;
        }
        byte[] content = bytesOf(left);
        for (ReferenceFold.Applied event : reference.events().subList((int) synced, (int) ceiling)) {
            for (byte[] step : event.steps()) {
                content = ReferenceFold.apply(content, step);
            }
        }
        require(
                Arrays.equals(content, reference.contentAt(ceiling)),
                () -> "what a power cut leaves does not come right from " + synced + " to " + ceiling,
                node);
    }

    private static byte[] bytesOf(MemoryImageFile file) {
        ByteBuffer bytes = ByteBuffer.allocate((int) file.length());
        file.read(0, bytes);
        return bytes.array();
    }

    /** An error was named. */
    void named(IOException cause, SimNode node) {
        require(lossy && topic.truncations() > 0, () -> "lost without a loss: " + cause, node);
        namedLosses++;
    }

    private void watch() {
        scheduler.after(scheduler.upTo(50_000), () -> {
            List<SimNode> answering = nodes.stream().filter(SimNode::mayAnswer).toList();
            require(answering.size() <= 1 || losses > 0, () -> "two owners may answer: " + answering, null);
            watch();
        });
    }

    private void checkPeace(int acknowledgementsBefore) {
        SimNode owner = nodes.get(0);
        require(owner.owns(), () -> "no owner was found in peace", owner);
        require(acknowledgements > acknowledgementsBefore, () -> "nothing was acknowledged in peace", owner);
        for (SimNode node : nodes) {
            require(node.outstanding() == 0, () -> "writes without an answer: " + node.outstanding(), node);
            long applied = node.applied().sequence().value();
            long last = reference.last().sequence();
            require(applied == last, () -> "is at " + applied + ", the log at " + last, node);
            require(
                    Arrays.equals(bytesOf(node.contents()), reference.contentAt(last)),
                    () -> "the file differs from the reference in the end",
                    node);
        }
        checkFlushed();
        if (losses == 0) {
            acknowledged.keySet().forEach(sequence -> checkAcknowledged(sequence, owner));
        }
    }

    void require(boolean holds, Supplier<String> otherwise, @Nullable SimNode node) {
        if (!holds) {
            throw new AssertionError("at " + scheduler.nowMicros() + " us: " + otherwise.get() + " (" + node + ")");
        }
    }
}
