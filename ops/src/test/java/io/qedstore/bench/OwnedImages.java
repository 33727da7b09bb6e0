package io.qedstore.bench;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogException;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.LogName;
import io.qedstore.log.kafka.LogSettings;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.change.QedChange;
import java.nio.ByteBuffer;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/** Images that this process owns; each event writes the same number of bytes behind those of the event before. */
final class OwnedImages implements Appending {
    private static final int PATIENCE_SECONDS = 60;

    private final KafkaLogs logs;
    private final RandomData data;
    private final List<Owned> images = new ArrayList<>();

    private static final class Owned {
        private final ImageId image;
        private final LogName name;
        private final TopicId topic;
        private final KafkaEventLog log;
        private final LogOwner owner;
        private long end;

        Owned(ImageId image, LogName name, TopicId topic, KafkaEventLog log, LogOwner owner) {
            this.image = image;
            this.name = name;
            this.topic = topic;
            this.log = log;
            this.owner = owner;
        }
    }

    /** Makes as many logs, takes them and writes the first event of each. */
    OwnedImages(KafkaLogs logs, LogSettings kept, int number, RandomData data) throws Exception {
        this.logs = logs;
        this.data = data;
        List<CompletableFuture<Void>> taken = new ArrayList<>();
        for (int i = 0; i < number; i++) {
            ImageId image = new ImageId(UUID.randomUUID());
            LogName name = LogName.of(image);
            TopicId topic = logs.create(name, kept);
            KafkaEventLog log = logs.open(name, kept);
            CompletableFuture<Void> owned = new CompletableFuture<>();
            images.add(new Owned(image, name, topic, log, owner(log, start(image, log), owned)));
            taken.add(owned);
        }
        for (CompletableFuture<Void> owned : taken) {
            owned.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
        List<CompletableFuture<Void>> begun = new ArrayList<>();
        for (Owned image : images) {
            CompletableFuture<Void> first = new CompletableFuture<>();
            append(image, EventBody.first(DigestAlgorithm.XXH3_128, List.of(), List.of()), new Done() {
                @Override
                public void acknowledged() {
                    first.complete(null);
                }

                @Override
                public void failed(Exception cause) {
                    first.completeExceptionally(cause);
                }
            });
            begun.add(first);
        }
        for (CompletableFuture<Void> first : begun) {
            first.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
        }
    }

    static FoldState start(ImageId image, EventLog log) {
        return FoldState.start(image, LineageId.of(0, 1), log.topicId());
    }

    private static LogOwner owner(KafkaEventLog log, FoldState from, CompletableFuture<Void> owned) {
        LogOwner owner = new LogOwner(
                new OwnerSettings(new NodeId("bench")),
                log,
                FoldTip.of(from),
                clock(),
                UUID.randomUUID(),
                (event, after) -> {},
                new OwnerListener() {
                    @Override
                    public void owned(FoldState state) {
                        owned.complete(null);
                    }

                    @Override
                    public void waiting(LogException cause) {
                        System.err.println(cause.getMessage());
                    }

                    @Override
                    public void ended(OwnershipException cause) {
                        owned.completeExceptionally(cause);
                    }
                });
        owner.take(LogOwner.Takeover.IF_FREE);
        return owner;
    }

    private static OwnerClock clock() {
        return new OwnerClock() {
            @Override
            public long wallMicros() {
                Instant now = Instant.now();
                return now.getEpochSecond() * 1_000_000 + now.getNano() / 1_000;
            }

            @Override
            public long monotonicNanos() {
                return System.nanoTime();
            }
        };
    }

    @Override
    public void append(int number, Done done) {
        Owned image = images.get(number);
        ByteBuffer bytes = data.next();
        QedChange change = new QedChange.DataWritten(image.end, bytes);
        image.end += bytes.remaining();
        append(image, EventBody.of(List.of(), List.of(change)), done);
    }

    private static void append(Owned image, EventBody body, Done done) {
        try {
            image.owner.append(body, new Acknowledgement() {
                @Override
                public void acknowledged(FoldState after) {
                    done.acknowledged();
                }

                @Override
                public void failed(OwnershipException cause) {
                    done.failed(cause);
                }
            });
        } catch (OwnershipException e) {
            done.failed(e);
        }
    }

    ImageId id(int number) {
        return images.get(number).image;
    }

    LogName name(int number) {
        return images.get(number).name;
    }

    KafkaEventLog log(int number) {
        return images.get(number).log;
    }

    /** Deletes the logs. */
    @Override
    public void close() throws LogException {
        for (Owned image : images) {
            image.owner.giveUp("the benchmark is over");
            logs.delete(image.name, image.topic);
        }
    }
}
