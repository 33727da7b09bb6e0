package io.qedstore.hosting;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.device.Durability;
import io.qedstore.device.Outcome;
import io.qedstore.device.Patience;
import io.qedstore.device.Payload;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.fold.InMemoryProgress;
import io.qedstore.fold.ProgressStore;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.owner.OwnerClock;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.owner.OwnershipException;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.replica.SentCopy;
import io.qedstore.volume.PendingBudget;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletionStage;

/** Nodes that have one image, on one log; all happens when the test says so, in one thread. */
public final class HostingRig {
    public static final ImageId IMAGE = ImageId.of(1, 2);
    public static final NodeId ONE = new NodeId("one");
    public static final NodeId TWO = new NodeId("two");
    static final Duration LEASE = Duration.ofSeconds(30);

    /** Enough for any hand-over: each round answers one read of each log. */
    private static final int ROUNDS = 40;

    final Topic topic = new Topic();
    private final Path folder;
    private final Queue<Runnable> tasks = new ArrayDeque<>();
    private final Queue<Runnable> applying = new ArrayDeque<>();
    private long nowMicros = 1_000_000_000;
    private int ids;

    /** By the node, the last that was started. */
    private final Map<NodeId, HostedImage> running = new HashMap<>();

    /** Where checkpoints lie. */
    final List<CheckpointStore> stores = new ArrayList<>();

    final Set<NodeId> unreachable = new HashSet<>();

    /** Nodes that were asked for their copy. */
    final List<NodeId> asked = new ArrayList<>();

    /** Run whenever a node is asked for its copy, before it gives it. */
    Runnable whenAsked = () -> {};

    /** Nothing is applied while it is so. */
    boolean disksStand;

    /** Runs before each task, and may end all. */
    public Runnable beforeEach = () -> {};

    public HostingRig(Path folder) {
        this.folder = folder;
    }

    static CatalogImage ownedBy(NodeId owner, NodeId... replicas) {
        return image(ImageLife.LIVE, owner, replicas);
    }

    static CatalogImage image(ImageLife life, NodeId owner, NodeId... replicas) {
        return image(IMAGE, life, owner, replicas);
    }

    static CatalogImage image(ImageId id, ImageLife life, NodeId owner, NodeId... replicas) {
        return image(id, life, Optional.empty(), owner, replicas);
    }

    static CatalogImage cloneOver(Backing backing, NodeId owner, NodeId... replicas) {
        return image(IMAGE, ImageLife.LIVE, Optional.of(backing), owner, replicas);
    }

    private static CatalogImage image(
            ImageId id, ImageLife life, Optional<Backing> backing, NodeId owner, NodeId... replicas) {
        return new CatalogImage(
                id,
                LineageId.of(3, 4),
                new ImageName("vm1"),
                life,
                1 << 20,
                new ImageGeometry(65536, 2),
                DigestAlgorithm.XXH3_128,
                backing,
                ImageSettings.DEFAULT,
                new Placement(owner, List.of(replicas)),
                Sequence.NONE,
                1,
                1);
    }

    private CopyFile copyOn(NodeId node) throws IOException {
        HostedImage there = unreachable.contains(node) ? null : running.get(node);
        asked.add(node);
        whenAsked.run();
        if (there == null || there.copy().isEmpty()) {
            throw new IOException("no route to host");
        }
        return there.copy().get();
    }

    /** A node with its disk; {@link #start} runs it. */
    public final class Node implements HostedImage.Listener {
        final NodeId self;
        final ImageFiles files;
        final PendingBudget pending = new PendingBudget(1 << 20);
        final List<Volume> ended = new ArrayList<>();
        public ProgressStore progress = new InMemoryProgress();
        final TestBases bases = new TestBases();
        boolean diskIsFull;
        boolean ownsImages = true;
        Duration logTimeout = Duration.ZERO;

        public Node(NodeId self) throws IOException {
            this(self, self.value());
        }

        private Node(NodeId self, String folderName) throws IOException {
            this.self = self;
            this.files = new ImageFiles(folder.resolve(folderName));
        }

        /** The process was killed: another has what was on the disk, and this one is not looked at any more. */
        Node killed() throws IOException {
            Node next = new Node(self, self.value() + "-again");
            next.progress = progress;
            Files.copy(file(), next.file());
            return next;
        }

        HostedImage start(CatalogImage image) {
            HostedImage started = new HostedImage(host(), image, this);
            running.put(self, started);
            return started;
        }

        public Host host() {
            return new Host(
                    self,
                    ownsImages,
                    topic,
                    progress,
                    files,
                    new Clock(),
                    () -> new UUID(9, ++ids),
                    new OwnerSettings(self, LEASE, Duration.ofMillis(100)),
                    1 << 20,
                    pending,
                    logTimeout,
                    () -> diskIsFull,
                    (node, image, from, max) -> new SentCopy(copyOn(node).folded(), from, max),
                    new SeedQueue(tasks::add, new ByteRate(0, System::nanoTime)),
                    bases,
                    new RebuildSources(new InMemoryIndex(), topic::openPrompt, stores),
                    true,
                    tasks::add,
                    applying::add);
        }

        public Path file() {
            return files.of(IMAGE);
        }

        @Override
        public void volumeEnded(HostedImage of, Volume volume, OwnershipException cause) {
            ended.add(volume);
        }
    }

    private final class Clock implements OwnerClock {
        @Override
        public long wallMicros() {
            return nowMicros;
        }

        @Override
        public long monotonicNanos() {
            return nowMicros * 1000;
        }
    }

    /** All that the image's log holds. */
    public List<byte[]> records() {
        return topic.records.records();
    }

    /** The log that another rig had. */
    public void goOnWith(List<byte[]> records) {
        records.forEach(topic.records::put);
    }

    void pass(Duration time) {
        nowMicros += time.toNanos() / 1000;
    }

    /** Runs what is there to be run, and nothing that the log would have to answer. */
    void run() {
        boolean ran;
        do {
            Runnable next = tasks.poll();
            if (next == null && !disksStand) {
                next = applying.poll();
            }
            ran = next != null;
            if (next != null) {
                beforeEach.run();
                next.run();
            }
        } while (ran);
    }

    /** Lets the log answer, and everybody go on, until nothing happens any more. */
    public void settle() {
        for (int round = 0; round < ROUNDS; round++) {
            run();
            topic.answerReads();
        }
        run();
    }

    /** A second for each of these, again and again. */
    void seconds(int count, HostedImage... images) {
        for (int second = 0; second < count; second++) {
            pass(Duration.ofSeconds(1));
            for (HostedImage image : images) {
                image.tick();
            }
            settle();
        }
    }

    /** The answer, which has to be there. */
    public <T> T now(CompletionStage<T> answer) {
        settle();
        return answer.toCompletableFuture().getNow(null);
    }

    Throwable failureOf(CompletionStage<?> answer) {
        settle();
        Throwable[] failure = new Throwable[1];
        answer.whenComplete((nothing, cause) -> failure[0] = cause);
        if (failure[0] == null) {
            throw new AssertionError("it has not failed: " + answer);
        }
        return failure[0];
    }

    public Outcome write(Volume volume, long guestOffset, int lengthBytes, int value) {
        ByteBuffer data = ByteBuffer.allocateDirect(lengthBytes);
        while (data.hasRemaining()) {
            data.put((byte) value);
        }
        Outcome outcome = new Outcome();
        volume.write(guestOffset, Payload.of(data.flip()), Durability.ON_FLUSH, Patience.WAIT, outcome);
        return outcome;
    }
}
