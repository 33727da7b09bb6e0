package io.qedstore.simulation;

import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.function.BiConsumer;

/**
 * A topic as brokers keep it: a leader takes records, followers copy them, readers see what was copied. Leaders change, with
 * what was not copied or (if they lie) also with more; answers come late or never; what was given up lands all the same, also
 * twice, also behind what came after it.
 */
final class SimTopic {
    private final SimScheduler scheduler;
    private Chaos chaos;
    private final TopicId id = new TopicId(new UUID(7, 7));
    private final List<Entry> entries = new ArrayList<>();
    private final BiConsumer<Integer, byte[]> committed;
    private int committedEnd;
    private int visibleEnd;
    private int leaderEpoch;
    private long awayUntil;
    private int truncations;

    private static final class Entry {
        final byte[] bytes;
        final int leaderEpoch;
        final Runnable acknowledge;
        final Runnable dropped;

        Entry(byte[] bytes, int leaderEpoch, Runnable acknowledge, Runnable dropped) {
            this.bytes = bytes;
            this.leaderEpoch = leaderEpoch;
            this.acknowledge = acknowledge;
            this.dropped = dropped;
        }
    }

    /** How bad things are: probabilities for one record or one answer. */
    record Chaos(double lost, double late, double twice, double reordered, double slow) {
        static final Chaos NONE = new Chaos(0, 0, 0, 0, 0);
    }

    /** @param committed is told of each record that readers will see, with its offset */
    SimTopic(SimScheduler scheduler, Chaos chaos, BiConsumer<Integer, byte[]> committed) {
        this.scheduler = scheduler;
        this.chaos = chaos;
        this.committed = committed;
    }

    /** From now on all goes well. */
    void calmDown() {
        chaos = Chaos.NONE;
    }

    int end() {
        return committedEnd;
    }

    /** How often records were lost that had been acknowledged. */
    int truncations() {
        return truncations;
    }

    byte[] bytesAt(int offset) {
        return entries.get(offset).bytes;
    }

    private boolean isAway() {
        return scheduler.nowMicros() < awayUntil;
    }

    /** Nobody answers for a while. */
    void goAway(long micros) {
        awayUntil = Math.max(awayUntil, scheduler.nowMicros() + micros);
    }

    /** Another broker leads: it has what was copied, and readers see less for a moment. */
    void changeLeader() {
        leaderEpoch++;
        drop(committedEnd);
        visibleEnd = Math.max(0, visibleEnd - scheduler.random.nextInt(4));
        scheduler.after(scheduler.upTo(400_000), () -> visibleEnd = committedEnd);
    }

    /** A broker leads that had fallen behind: records are gone that were acknowledged. */
    void changeLeaderUncleanly() {
        leaderEpoch++;
        int lost = Math.min(committedEnd, 1 + scheduler.random.nextInt(5));
        drop(committedEnd - lost);
        if (lost > 0) {
            truncations++;
        }
    }

    private void drop(int from) {
        List<Entry> gone = new ArrayList<>(entries.subList(from, entries.size()));
        entries.subList(from, entries.size()).clear();
        committedEnd = Math.min(committedEnd, from);
        visibleEnd = Math.min(visibleEnd, from);
        gone.forEach(entry -> entry.dropped.run());
    }

    /** Somebody writes who has no business here. */
    void put(byte[] bytes) {
        arrive(bytes, () -> {}, () -> {});
    }

    private void arrive(byte[] bytes, Runnable acknowledge, Runnable dropped) {
        entries.add(new Entry(bytes, leaderEpoch, acknowledge, dropped));
        int end = entries.size();
        int epoch = leaderEpoch;
        scheduler.after(200 + scheduler.upTo(1500), () -> commit(end, epoch));
    }

    private void commit(int end, int epoch) {
        if (epoch != leaderEpoch) {
            commitAll();
            return;
        }
        while (committedEnd < Math.min(end, entries.size())) {
            Entry entry = entries.get(committedEnd);
            committedEnd++;
            committed.accept(committedEnd - 1, entry.bytes);
            entry.acknowledge.run();
        }
        scheduler.after(scheduler.upTo(scheduler.chance(0.1) ? 300_000 : 300), () -> visibleEnd = committedEnd);
    }

    private void commitAll() {
        if (!entries.isEmpty() && committedEnd < entries.size()) {
            commit(entries.size(), leaderEpoch);
        }
    }

    /** The topic as one node sees it. */
    EventLog seenBy(SimNode node) {
        return new EventLog() {
            @Override
            public TopicId topicId() {
                return id;
            }

            @Override
            public long endOffset() {
                return visibleEnd;
            }

            @Override
            public Appender newAppender() {
                return new SimAppender(node);
            }

            @Override
            public void read(LogPosition position, AtEnd atEnd, ReadCallback callback) {
                int life = node.life();
                scheduler.after(scheduler.upTo(500), () -> answer(node, life, position, callback));
            }
        };
    }

    private void answer(SimNode node, int life, LogPosition position, EventLog.ReadCallback callback) {
        if (isAway()) {
            node.later(life, 200_000, () -> callback.failed(new LogException.Unavailable("nobody answers")));
            return;
        }
        int from = Math.toIntExact(position.nextOffset());
        if (from > entries.size() || isCutOff(from, position.leaderEpoch())) {
            node.later(
                    life,
                    100,
                    () -> callback.failed(new LogException.Truncated(
                            "the log ends at " + entries.size() + " or is another from before " + from)));
            return;
        }
        int to = Math.min(visibleEnd, from + 1 + scheduler.random.nextInt(20));
        List<StoredRecord> records = new ArrayList<>();
        for (int offset = from; offset < to; offset++) {
            Entry entry = entries.get(offset);
            records.add(new StoredRecord(offset, OptionalInt.of(entry.leaderEpoch), ByteBuffer.wrap(entry.bytes)));
        }
        LogBatch batch = new LogBatch(records, visibleEnd);
        node.later(
                life,
                records.isEmpty() ? 20_000 + scheduler.upTo(50_000) : scheduler.upTo(1000),
                () -> callback.read(batch));
    }

    /** Whether what lay before an offset was written by a later leader than the reader knows. */
    private boolean isCutOff(int from, OptionalInt known) {
        return known.isPresent() && from > 0 && entries.get(from - 1).leaderEpoch > known.getAsInt();
    }

    /** One producer's way into the topic. */
    private final class SimAppender implements EventLog.Appender {
        private final SimNode node;
        private final int life;
        private final List<Sending> underWay = new ArrayList<>();
        private long lastArrival;
        private boolean closed;

        private final class Sending {
            final EventLog.AppendCallback callback;
            boolean answered;

            Sending(EventLog.AppendCallback callback) {
                this.callback = callback;
            }

            void fail(long afterMicros) {
                scheduler.after(afterMicros, () -> {
                    if (!answered) {
                        answered = true;
                        underWay.remove(this);
                        node.later(life, 0, () -> callback.failed(new LogException.Unavailable("no answer in time")));
                    }
                });
            }

            void succeed(int offset, long afterMicros) {
                scheduler.after(afterMicros, () -> {
                    if (!answered) {
                        answered = true;
                        underWay.remove(this);
                        node.later(life, 0, () -> callback.appended(offset));
                    }
                });
            }
        }

        SimAppender(SimNode node) {
            this.node = node;
            this.life = node.life();
        }

        @Override
        public void append(byte[] record, EventLog.AppendCallback callback) {
            Sending sending = new Sending(callback);
            if (closed) {
                sending.fail(0);
                return;
            }
            underWay.add(sending);
            sending.fail(2_000_000);
            long delay = 100 + scheduler.upTo(2000) + Math.max(0, awayUntil - scheduler.nowMicros());
            if (scheduler.chance(chaos.lost)) {
                return;
            }
            if (scheduler.chance(chaos.late)) {
                delay += scheduler.upTo(4_000_000);
            }
            long arrival = scheduler.nowMicros() + delay;
            if (!scheduler.chance(chaos.reordered)) {
                arrival = Math.max(arrival, lastArrival + 1);
                lastArrival = arrival;
            }
            scheduler.after(arrival - scheduler.nowMicros(), () -> arriveFrom(record, sending));
        }

        private void arriveFrom(byte[] record, Sending sending) {
            if (closed && scheduler.chance(0.5)) {
                return;
            }
            int offset = entries.size();
            long answerAfter = scheduler.chance(chaos.slow) ? scheduler.upTo(3_000_000) : scheduler.upTo(300);
            arrive(record, () -> sending.succeed(offset, answerAfter), () -> {
                if (!sending.answered && scheduler.chance(0.7)) { // the producer tries again
                    scheduler.after(scheduler.upTo(50_000), () -> arriveFrom(record, sending));
                }
            });
            if (scheduler.chance(chaos.twice)) {
                scheduler.after(scheduler.upTo(100_000), () -> put(record));
            }
        }

        @Override
        public void close() {
            closed = true;
            List.copyOf(underWay).forEach(sending -> sending.fail(0));
        }
    }
}
