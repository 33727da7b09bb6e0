package io.qedstore.volume;

import io.qedstore.device.Completion;
import io.qedstore.device.Durability;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.device.ReadReply;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.EventBody;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldTip;
import io.qedstore.fold.FoldedFile;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.log.LogException;
import io.qedstore.owner.Acknowledgement;
import io.qedstore.owner.LogOwner;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerListener;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/** A volume on a log in memory, where the test says what is acknowledged, and when the file gets it. One thread. */
final class VolumeRig {
    static final Duration LEASE = Duration.ofSeconds(30);

    final HeldLog log = new HeldLog();
    final MemoryImageFile file = new MemoryImageFile();
    final FoldState start = FoldState.start(ImageId.of(1, 2), LineageId.of(3, 4), log.topicId());

    /** Payloads that somebody keeps. */
    final AtomicInteger kept = new AtomicInteger();

    final LogOwner owner;
    private boolean plugged;
    private final Queue<Runnable> applying = new ArrayDeque<>();
    private final Queue<Runnable> working = new ArrayDeque<>();
    private long nowMicros = 1_000_000;
    private @Nullable Volume volume;
    private @Nullable FoldState owned;

    /** An event is in the file before anybody hears that it is acknowledged. */
    boolean appliesAtOnce;

    VolumeRig(NewImage created, @Nullable GuestImage backing, CacheMode cache, long maxPendingBytes)
            throws IOException {
        this(created, backing, cache, maxPendingBytes, Duration.ZERO);
    }

    VolumeRig(
            NewImage created, @Nullable GuestImage backing, CacheMode cache, long maxPendingBytes, Duration logTimeout)
            throws IOException {
        FoldedFile folded = new FoldedFile(
                file, new InMemoryProgress(), start, start, 1 << 20, this::apply, new FoldedFile.Listener() {
                    @Override
                    public void applied(Sequence upTo) {
                        Volume opened = volume;
                        if (opened != null) {
                            opened.applied(upTo);
                        }
                    }

                    @Override
                    public void failed(IOException cause) {
                        throw new AssertionError(cause);
                    }
                });
        owner = new LogOwner(
                new OwnerSettings(new NodeId("one"), LEASE, Duration.ofMillis(100)),
                log,
                FoldTip.of(start),
                clock(),
                UUID.randomUUID(),
                folded,
                new OwnerListener() {
                    @Override
                    public void owned(FoldState state) {
                        owned = state;
                    }

                    @Override
                    public void waiting(LogException cause) {}

                    @Override
                    public void ended(OwnershipException cause) {
                        Volume opened = volume;
                        if (opened != null) {
                            opened.ended(cause);
                        }
                    }
                });
        owner.take(LogOwner.Takeover.IF_FREE);
        while (owned == null) {
            log.inner.answerReads();
        }
        owner.append(
                EventBody.first(DigestAlgorithm.XXH3_128, List.of(), created.changes(HeaderLayout.FINAL)),
                new Acknowledgement() {
                    @Override
                    public void acknowledged(FoldState after) {}

                    @Override
                    public void failed(OwnershipException cause) {
                        throw new AssertionError(cause);
                    }
                });
        applyAll();
        volume = Volume.open(
                "vm1",
                file,
                folded.contentRecord(),
                backing,
                owner,
                owner.state(),
                new PendingBudget(Long.MAX_VALUE),
                new VolumeSettings(cache, maxPendingBytes, logTimeout),
                working::add);
    }

    private OwnerClock clock() {
        return new OwnerClock() {
            @Override
            public long wallMicros() {
                return nowMicros;
            }

            @Override
            public long monotonicNanos() {
                return nowMicros * 1000;
            }
        };
    }

    Volume volume() {
        Volume opened = volume;
        if (opened == null) {
            throw new IllegalStateException("not open");
        }
        return opened;
    }

    void pass(Duration time) {
        nowMicros += time.toNanos() / 1000;
    }

    /** Lets the file have what the log has. */
    private void apply(Runnable task) {
        if (appliesAtOnce) {
            task.run();
        } else {
            applying.add(task);
        }
    }

    void applyAll() {
        while (!applying.isEmpty()) {
            applying.remove().run();
        }
    }

    boolean applyOne() {
        Runnable next = applying.poll();
        if (next != null) {
            next.run();
        }
        return next != null;
    }

    /** Runs what had to wait. */
    void workAll() {
        while (!working.isEmpty()) {
            working.remove().run();
        }
    }

    void settle() {
        log.hold(false);
        do {
            log.takeAll();
            log.inner.answerReads();
            applyAll();
            workAll();
        } while (log.held() > 0 || !applying.isEmpty() || !working.isEmpty());
    }

    /** What became of a request. */
    static final class Outcome implements Completion {
        boolean succeeded;

        @Nullable
        IOException failure;

        @Override
        public void succeeded() {
            requireNone();
            succeeded = true;
        }

        @Override
        public void failed(IOException cause) {
            requireNone();
            failure = cause;
        }

        boolean isThere() {
            return succeeded || failure != null;
        }

        private void requireNone() {
            if (isThere()) {
                throw new AssertionError("completed twice");
            }
        }
    }

    /** Bytes whose keepers are counted, and that are spoiled when there is none any more. */
    Payload payload(ByteBuffer data) {
        ByteBuffer bytes = ByteBuffer.allocateDirect(data.remaining())
                .put(data.duplicate())
                .flip();
        AtomicInteger keepers = new AtomicInteger(1);
        kept.incrementAndGet();
        return new Payload() {
            @Override
            public ByteBuffer bytes() {
                return bytes.duplicate();
            }

            @Override
            public void keep() {
                if (keepers.getAndIncrement() == 0) {
                    throw new AssertionError("kept after it was gone");
                }
            }

            @Override
            public void letGo() {
                int left = keepers.decrementAndGet();
                if (left < 0) {
                    throw new AssertionError("let go too often");
                }
                if (left == 0) {
                    kept.decrementAndGet();
                    for (int i = 0; i < bytes.capacity(); i++) {
                        bytes.put(i, (byte) 0x5a);
                    }
                }
            }
        };
    }

    /** Writes that come are not all for now. */
    void plug(boolean now) {
        plugged = now;
        if (!now) {
            volume().unplug();
        }
    }

    /** As a server does: the bytes are its own until the write has completed. */
    Outcome write(long guestOffset, ByteBuffer data, Durability durability, Patience first) {
        Payload payload = payload(data);
        Outcome outcome = new Outcome();
        Completion letsGo = new Completion() {
            @Override
            public void succeeded() {
                payload.letGo();
                outcome.succeeded();
            }

            @Override
            public void failed(IOException cause) {
                payload.letGo();
                outcome.failed(cause);
            }
        };
        if (!volume().write(guestOffset, payload, durability, first, letsGo)) {
            volume().write(guestOffset, payload, durability, Patience.WAIT, letsGo);
        }
        if (!plugged) {
            volume().unplug();
        }
        return outcome;
    }

    GuestImage seen() {
        return volume().asImage();
    }

    byte[] read(long guestOffset, int lengthBytes) throws IOException {
        ByteBuffer all = ByteBuffer.allocateDirect(lengthBytes);
        boolean read = volume().read(
                        guestOffset,
                        lengthBytes,
                        new ReadReply() {
                            @Override
                            public ByteBuffer bytes(int length) {
                                ByteBuffer room = all.slice(all.position(), length);
                                all.position(all.position() + length);
                                return room;
                            }

                            @Override
                            public void zeroes(int length) {
                                for (int i = 0; i < length; i++) {
                                    all.put((byte) 0);
                                }
                            }
                        },
                        Patience.WAIT);
        if (!read) {
            throw new AssertionError("was told to wait, and did not");
        }
        byte[] bytes = new byte[lengthBytes];
        all.flip().get(bytes);
        return bytes;
    }
}
