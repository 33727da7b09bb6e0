package io.qedstore.node;

import io.qedstore.api.RewindInfo;
import io.qedstore.event.CatalogEvent.RewindEnded;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogImage.Rewind;
import io.qedstore.index.ImageLife;
import io.qedstore.nbd.AttachedClient;
import io.qedstore.owner.OwnerClock;
import io.qedstore.points.PointFile;
import io.qedstore.points.PointFiles;
import io.qedstore.qed.GuestImage;
import io.qedstore.rebuild.Point;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Does the rewinds that the catalog says are under way, of the images that this node owns: also those that another node, or this one
 * before it was killed, has begun. Nobody is let in to an image meanwhile.
 */
final class Rewinder {
    private static final Logger LOG = LoggerFactory.getLogger(Rewinder.class);

    /** One whose log does not answer keeps the others from nothing. */
    private static final int MOST_AT_ONCE = 4;

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NodeId self;
    private final HostedImages hosted;
    private final OwnedExports owned;
    private final PointFiles points;
    private final CatalogCommands commands;
    private final OwnerClock clock;
    private final Executor workers;
    private volatile boolean stopping;

    private final Set<ImageId> underWay = ConcurrentHashMap.newKeySet();

    /** How far the last attempts have come. */
    private final Map<ImageId, State> states = new ConcurrentHashMap<>();

    private record State(long doneBytes, Optional<String> waitsFor) {}

    /** @param workers a few of which may be busy for long */
    Rewinder(
            NodeId self,
            HostedImages hosted,
            OwnedExports owned,
            PointFiles points,
            CatalogCommands commands,
            OwnerClock clock,
            Executor workers) {
        this.self = self;
        this.hosted = hosted;
        this.owned = owned;
        this.points = points;
        this.commands = commands;
        this.clock = clock;
        this.workers = workers;
    }

    /** Why nobody may use an image; empty if it is not being rewound. */
    static Optional<String> refusal(CatalogImage image) {
        return image.rewind()
                .map(rewind -> "image " + image.name() + " is being rewound from sequence " + rewind.from()
                        + " to sequence " + rewind.point());
    }

    /** How far the rewind of an image is, as far as this node knows; empty if there is none. */
    Optional<RewindInfo> info(CatalogImage image) {
        State state = states.getOrDefault(image.id(), new State(0, Optional.empty()));
        return image.rewind()
                .map(rewind -> new RewindInfo(
                        rewind.point().value(), rewind.from().value(), state.doneBytes(), state.waitsFor()));
    }

    /** Begins what is to be done, and tries again what could not be. */
    void tick() {
        for (HostedImage here : hosted.all()) {
            CatalogImage image = here.image();
            boolean isOurs =
                    image.life() == ImageLife.LIVE && image.placement().owner().equals(self);
            boolean hasRoom = !stopping && underWay.size() < MOST_AT_ONCE;
            if (isOurs && image.rewind().isPresent() && hasRoom && underWay.add(image.id())) {
                workers.execute(() -> run(here, image, image.rewind().get()));
            }
        }
    }

    /** What is under way breaks off; the next owner goes on. */
    void stop() {
        stopping = true;
    }

    private void run(HostedImage here, CatalogImage image, Rewind rewind) {
        try {
            Volume volume = CatalogCommands.await(here.own(), "image " + image.name(), PATIENCE);
            if (isFree(here, volume) && run(here, volume, rewind)) {
                LOG.info(
                        "image {} is what it was behind event {}; before, it was at {}",
                        image.name(),
                        rewind.point(),
                        rewind.from());
            }
        } catch (IOException | CancellationException e) {
            waits(image, String.valueOf(e.getMessage()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        } finally {
            underWay.remove(image.id());
        }
    }

    /** It is tried again at the next tick. */
    private void waits(CatalogImage image, String why) {
        State before = states.put(image.id(), new State(0, Optional.of(why)));
        if (before == null || !before.waitsFor().equals(Optional.of(why))) {
            LOG.warn("the rewind of image {} waits: {}", image.name(), why);
        }
    }

    private boolean isFree(HostedImage here, Volume volume) throws IOException {
        List<AttachedClient> clients =
                owned.of(here, volume).export().attachments().clients();
        if (!clients.isEmpty()) {
            waits(here.image(), "client " + clients.get(0).name() + " has to leave first");
        }
        return clients.isEmpty();
    }

    /** @return false if it has to be done again */
    private boolean run(HostedImage here, Volume volume, Rewind rewind) throws IOException, InterruptedException {
        CatalogImage image = here.image();
        states.put(image.id(), new State(0, Optional.of("the file of that point is being made")));
        Instant now = Instant.ofEpochMilli(clock.wallMicros() / 1000);
        try (PointFile file = points.open(image, new Point.AtSequence(rewind.point()), now);
                GuestImage wanted = file.open()) {
            io.qedstore.volume.Rewind.run(volume, wanted, (doneBytes, totalBytes) -> {
                if (stopping || !here.image().rewind().equals(Optional.of(rewind))) {
                    throw new CancellationException("it is not wanted here any more");
                }
                states.put(image.id(), new State(doneBytes, Optional.empty()));
            });
        }
        // who is not the owner any more does not know whether more was written since
        OwnerCommands.await(volume::whenCurrent, image);
        if (!isFree(here, volume)) {
            return false; // nobody should have got in; what was written is looked at again
        }
        commands.submit(new RewindEnded(image.id(), rewind.point(), rewind.from()));
        states.remove(image.id());
        return true;
    }
}
