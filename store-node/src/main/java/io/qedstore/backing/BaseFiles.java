package io.qedstore.backing;

import io.qedstore.digest.Digest;
import io.qedstore.event.Backing;
import io.qedstore.hosting.BaseMissingException;
import io.qedstore.hosting.Bases;
import io.qedstore.hosting.RebuildSources;
import io.qedstore.hosting.Room;
import io.qedstore.hosting.RoomWatch;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.MetadataIndex;
import io.qedstore.qed.GuestImage;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.Executor;
import java.util.concurrent.RejectedExecutionException;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The bases that this node has. Which ones those are follows from the images that are placed here: all that lies behind one of them is
 * made, opened and kept; what lies behind none goes. All methods are safe for many threads.
 */
public final class BaseFiles implements Bases {
    private static final Logger LOG = LoggerFactory.getLogger(BaseFiles.class);

    private static final long AGAIN_AFTER_NANOS = Duration.ofSeconds(5).toNanos();

    private final Path folder;
    private final MetadataIndex index;
    private final RebuildSources sources;
    private final boolean verifies;
    private final Executor makers;
    private final LongSupplier nanos;
    private final Room room;
    private final BaseSteps steps;
    private volatile boolean stopping;

    // ---- guarded by the bases

    private final Map<Backing, Base> bases = new HashMap<>();

    /** How many need each for something else than an image that is placed here. */
    private final Map<Backing, Integer> held = new HashMap<>();

    private Set<Backing> needed = Set.of();
    private boolean swept;

    /** A base that stays until this is closed. */
    public interface Hold extends AutoCloseable {
        GuestImage open() throws IOException;

        @Override
        void close();
    }

    /**
     * @param folder of the images' files
     * @param verifies whether what is read is compared with what is known
     * @param makers make bases, and wait for logs meanwhile: each is busy for as long as that takes
     * @param nanos a clock that never goes back
     * @param room asked before a base is begun, and while it grows
     */
    public BaseFiles(
            Path folder,
            RebuildSources sources,
            boolean verifies,
            Executor makers,
            LongSupplier nanos,
            Room room,
            BaseSteps steps) {
        this.folder = folder;
        this.sources = sources;
        this.index = sources.index();
        this.verifies = verifies;
        this.makers = makers;
        this.nanos = nanos;
        this.room = room;
        this.steps = steps;
    }

    // ---- for those who read

    @Override
    public GuestImage open(Backing backing) throws IOException {
        Base base;
        synchronized (bases) {
            base = bases.get(backing);
        }
        if (base == null) {
            throw new BaseMissingException(unknown(backing));
        }
        return base.open();
    }

    @Override
    public Optional<String> missing(Backing backing) {
        Base base;
        synchronized (bases) {
            base = bases.get(backing);
        }
        if (base == null) {
            return Optional.of(unknown(backing));
        }
        Optional<String> missing = base.missing();
        try {
            Optional<Backing> behind = BaseChain.base(backing, index).backing();
            return missing.isPresent() || behind.isEmpty() ? missing : missing(behind.get());
        } catch (IOException e) {
            return Optional.of(
                    "what its base " + backing.fileName() + " lies over cannot be looked up now: " + e.getMessage());
        }
    }

    private static String unknown(Backing backing) {
        return "waiting for its base " + backing.fileName() + ": the node has not begun with it";
    }

    /**
     * Makes a base, and all behind it, and keeps it for whoever asks. Waits for the log.
     *
     * @throws io.qedstore.rebuild.NotCoveredException if nothing is left from which it could be made
     */
    public Hold make(Backing backing) throws IOException {
        Base base;
        synchronized (bases) {
            held.merge(backing, 1, Integer::sum);
            base = known(backing);
        }
        Hold hold = new Held(base);
        boolean made = false;
        try {
            Optional<Backing> behind = BaseChain.base(backing, index).backing();
            if (behind.isPresent()) {
                make(behind.get()).close();
            }
            base.make();
            made = true;
            return hold;
        } finally {
            if (!made) {
                hold.close();
            }
        }
    }

    private final class Held implements Hold {
        private final Base base;
        private boolean closed;

        Held(Base base) {
            this.base = base;
        }

        @Override
        public GuestImage open() throws IOException {
            return base.open();
        }

        @Override
        public void close() {
            synchronized (bases) {
                if (!closed) {
                    closed = true;
                    held.computeIfPresent(base.of(), (of, count) -> count == 1 ? null : count - 1);
                }
            }
        }
    }

    private Base known(Backing backing) {
        Base known = bases.get(backing);
        if (known == null) {
            BaseDisk disk = new BaseDisk(folder, backing, (block, wanted) -> find(backing, block, wanted), steps);
            known = new Base(backing, disk, new FromLog(), verifies);
            bases.put(backing, known);
        }
        return known;
    }

    // ---- what is to be there

    /**
     * Has made what is missing, and removes what is not needed. Called every now and then, once the catalog is known.
     *
     * @param placed all images of this node, those in the trash too; asked where no base can be taken into use beside it
     */
    public void turn(Supplier<? extends Collection<CatalogImage>> placed) {
        try {
            synchronized (bases) {
                Set<Backing> now = new HashSet<>();
                for (CatalogImage image : placed.get()) {
                    now.addAll(BaseChain.of(image, index));
                }
                needed = Set.copyOf(now);
                needed.forEach(this::known);
                removeOthers();
            }
            makeMissing();
        } catch (IOException e) {
            LOG.warn("what clones lie over cannot be looked after now: {}", e.getMessage());
        }
    }

    private boolean isWanted(Backing backing) {
        synchronized (bases) {
            return needed.contains(backing) || held.containsKey(backing) || isBehindHeld(backing);
        }
    }

    /** What lies behind a base that is held is not held itself. */
    private boolean isBehindHeld(Backing backing) {
        for (Backing each : held.keySet()) {
            try {
                if (BaseChain.of(BaseChain.base(each, index), index).contains(backing)) {
                    return true;
                }
            } catch (IOException e) {
                return true; // nobody can say that it is not
            }
        }
        return false;
    }

    private void removeOthers() throws IOException {
        Iterator<Base> all = bases.values().iterator();
        while (all.hasNext()) {
            Base each = all.next();
            if (!isWanted(each.of()) && !each.isBeingMade()) {
                all.remove();
                swept = false; // if what follows fails, the next turn finds it
                each.remove();
                LOG.info(
                        "the base {} is needed by no image of this node any more",
                        each.of().fileName());
            }
        }
        if (!swept) {
            sweep();
            swept = true;
        }
    }

    /** What was left by a node that ended before it could remove it. */
    private void sweep() throws IOException {
        Set<String> kept = new HashSet<>();
        bases.keySet().forEach(each -> kept.add(each.fileName()));
        List<Path> files;
        try (Stream<Path> all = Files.list(folder)) {
            files = all.toList();
        }
        for (Path file : files) {
            Optional<String> of = BaseDisk.baseOf(file);
            if (of.isPresent() && !kept.contains(of.get())) {
                Files.deleteIfExists(file);
                steps.taken(BaseSteps.Step.REMOVED);
            }
        }
    }

    List<Base> all() {
        synchronized (bases) {
            return List.copyOf(bases.values());
        }
    }

    private void makeMissing() {
        for (Base each : all()) {
            if (each.isToBeMade() && each.beginMaking(nanos.getAsLong(), AGAIN_AFTER_NANOS)) {
                try {
                    makers.execute(() -> makeOne(each));
                } catch (RejectedExecutionException e) {
                    each.endMaking();
                }
            }
        }
    }

    private void makeOne(Base base) {
        try {
            base.make();
        } catch (IOException | RuntimeException e) {
            LOG.warn(
                    "the base {} is not there, and will be tried again: {}",
                    base.of().fileName(),
                    e.getMessage());
        } finally {
            base.endMaking();
        }
    }

    private Optional<byte[]> find(Backing backing, long block, Digest wanted) throws IOException {
        LOG.warn("the block {} of the base {} is not what was written, and is looked for", block, backing.fileName());
        return source(backing).blocks().find(block, wanted);
    }

    private RebuildSource source(Backing backing) throws IOException {
        return sources.of(BaseChain.base(backing, index));
    }

    /** Where a base comes from. */
    private final class FromLog implements Base.Maker {
        @Override
        public StoredBase make(Backing of, BaseDisk disk) throws IOException {
            room.require();
            return disk.make(source(of), of, new RoomWatch(() -> stopping, () -> requireWantedAndRoom(of)));
        }

        @Override
        public @Nullable GuestImage behind(Backing of) throws IOException {
            Optional<Backing> behind = BaseChain.base(of, index).backing();
            return behind.isPresent() ? open(behind.get()) : null;
        }

        @Override
        public String nameBehind(Backing of) throws IOException {
            return BaseChain.base(of, index).backing().map(Backing::fileName).orElse("");
        }
    }

    private void requireWantedAndRoom(Backing of) throws IOException {
        if (!isWanted(of)) {
            throw new IOException("nobody needs it any more");
        }
        room.require();
    }

    /** Whatever is being made is given up; it goes on at the next start. */
    public void stop() {
        stopping = true;
    }

    /** Closes all; nobody may be reading any more. */
    public void close() {
        stop();
        synchronized (bases) {
            bases.values().forEach(Base::close);
            bases.clear();
        }
    }
}
