package io.qedstore.node;

import io.qedstore.api.HoldInfo;
import io.qedstore.api.ImagePointInfo;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.ImageId;
import io.qedstore.fold.FoldState;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.time.Duration;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;

/**
 * Lets writes of images wait, so that one point can be taken across several. A write that some guest makes because another has
 * succeeded comes behind that one's answer: if all images are held before the first point is taken, and until the last one is, then
 * no point has the later write without another having the earlier one.
 */
final class HoldCommands {
    /** A guest waits so long at most if whoever asked for the hold is gone. */
    private static final Duration LONGEST = Duration.ofSeconds(10);

    private final NodeParts parts;
    private final ImageLookup lookup;
    private final OwnerCommands owner;
    private final ScheduledExecutorService timer;
    private final Map<ImageId, Held> held = new ConcurrentHashMap<>();

    private record Held(String token, HostedImage hosted, Volume volume) {
        boolean isCurrent() {
            return hosted.volume().orElse(null) == volume;
        }
    }

    HoldCommands(NodeParts parts, ImageLookup lookup, OwnerCommands owner) {
        this.parts = parts;
        this.lookup = lookup;
        this.owner = owner;
        this.timer = parts.timer();
    }

    HoldInfo hold(String name) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        HostedImage hosted = lookup.owned(image);
        Held mine = new Held(parts.ids().get().toString(), hosted, owner.volume(hosted));
        if (held.putIfAbsent(image.id(), mine) != null) {
            throw new ServiceException(
                    ServiceError.CONFLICT, "another snapshot of image " + name + " is being taken; try again");
        }
        mine.volume().hold();
        timer.schedule(() -> end(image.id(), mine), LONGEST.toMillis(), TimeUnit.MILLISECONDS);
        return new HoldInfo(mine.token(), LONGEST.toMillis());
    }

    private boolean end(ImageId image, Held mine) {
        boolean isHeld = held.remove(image, mine);
        if (isHeld) {
            mine.volume().letGo();
        }
        return isHeld;
    }

    ImagePointInfo point(String name, String token) throws IOException, InterruptedException {
        CatalogImage image = lookup.live(name);
        Held mine = find(image, token);
        FoldState state = owner.sync(image, mine.hosted(), mine.volume());
        return new ImagePointInfo(image.id().toString(), state.sequence().value(), state.timeMicros());
    }

    void end(String name, String token) throws IOException {
        CatalogImage image = lookup.live(name);
        Held mine = find(image, token);
        if (!end(image.id(), mine) || !mine.isCurrent()) {
            throw over(image);
        }
    }

    private Held find(CatalogImage image, String token) throws IOException {
        lookup.owned(image);
        Held there = held.get(image.id());
        if (there == null || !there.token().equals(token) || !there.isCurrent()) {
            throw over(image);
        }
        return there;
    }

    private static ServiceException over(CatalogImage image) {
        return new ServiceException(
                ServiceError.CONFLICT,
                "image " + image.name() + " could not be held until all points were taken; try again");
    }
}
