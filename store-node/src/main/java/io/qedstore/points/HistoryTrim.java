package io.qedstore.points;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.retention.LogTrimmer;
import io.qedstore.retention.RetentionPlan;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Shortens the histories of the images that this node is to own, and says which it cannot. Any thread may call it. */
public final class HistoryTrim {
    private static final Logger LOG = LoggerFactory.getLogger(HistoryTrim.class);

    private final NodeId self;
    private final HostedImages hosted;
    private final LogTrimmer trimmer;

    /** The trimmer is for one thread. */
    private final ReentrantLock trimming = new ReentrantLock();

    /** Why histories that are over their limits stay. */
    private final Map<ImageId, String> held = new ConcurrentHashMap<>();

    private volatile boolean stopping;

    public HistoryTrim(NodeId self, HostedImages hosted, LogTrimmer trimmer) {
        this.self = self;
        this.hosted = hosted;
        this.trimmer = trimmer;
    }

    /** Does what is due; waits for logs and the catalog. Does nothing while another call does. */
    public void tick() {
        if (!trimming.tryLock()) {
            return;
        }
        try {
            held.keySet()
                    .removeIf(image -> hosted.get(image).filter(this::isOurs).isEmpty());
            for (HostedImage image : hosted.all()) {
                if (!stopping && isOurs(image)) {
                    trim(image);
                }
            }
        } finally {
            trimming.unlock();
        }
    }

    /** No further image is begun with. */
    public void stop() {
        stopping = true;
    }

    private boolean isOurs(HostedImage hostedImage) {
        CatalogImage image = hostedImage.image();
        return image.life() == ImageLife.LIVE && image.placement().owner().equals(self);
    }

    private void trim(HostedImage image) {
        try {
            Optional<String> why = trimmer.trim(image.image(), synced(image));
            String before = why.isPresent() ? held.put(image.id(), why.get()) : held.remove(image.id());
            if (why.isPresent() && before == null) {
                LOG.warn("{}", why.get());
            }
        } catch (IOException e) {
            LOG.warn(
                    "the history of image {} is left for now: {}", image.image().name(), e.getMessage());
        }
    }

    private static Sequence synced(HostedImage image) {
        return new Sequence(image.status().synced());
    }

    /** Why the history of an image that is over its limits stays; empty if it does not, or if another node owns it. */
    public Optional<String> held(ImageId image) {
        return Optional.ofNullable(held.get(image));
    }

    /** How many histories are over their limits and stay. */
    public int heldImages() {
        return held.size();
    }

    /** What would go of an image's history now. Reads that part of the log. */
    public RetentionPlan plan(HostedImage image) throws IOException {
        trimming.lock();
        try {
            return trimmer.plan(image.image(), synced(image));
        } finally {
            trimming.unlock();
        }
    }
}
