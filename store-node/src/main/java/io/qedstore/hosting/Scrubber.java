package io.qedstore.hosting;

import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Scrub;
import io.qedstore.event.ImageId;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Reads all files of the node again, one after another and slowly, and has bad blocks restored: damage is found while there is still
 * somebody who has what was damaged. One turn at a time.
 */
public final class Scrubber {
    private static final Logger LOG = LoggerFactory.getLogger(Scrubber.class);

    /** How often {@link #turn} wants to be called. */
    public static final Duration TURN = Duration.ofMillis(250);

    private final HostedImages images;
    private final ScrubMarks marks;
    private final Duration every;
    private final long bytesPerTurn;
    private final AtomicBoolean busy = new AtomicBoolean();

    // ---- of the turn

    private @Nullable Pass pass;

    private long owedBytes;

    /** A file that is being read. */
    private static final class Pass {
        final HostedImage image;
        final CopyFile file;
        final Scrub scrub;
        long badBlocks;

        Pass(HostedImage image, CopyFile file, KnownBlocks blocks) {
            this.image = image;
            this.file = file;
            this.scrub = new Scrub(blocks);
        }
    }

    /**
     * @param every how often all of a file is read; zero: only if it is asked for
     * @param bytesPerSecond of all files together
     */
    public Scrubber(HostedImages images, ScrubMarks marks, Duration every, long bytesPerSecond) {
        this.images = images;
        this.marks = marks;
        this.every = every;
        this.bytesPerTurn = Math.max(1, bytesPerSecond * TURN.toMillis() / 1000);
    }

    /** Reads on for a while. Waits for the disk, and for other copies if something has to be restored. */
    public void turn() {
        if (busy.getAndSet(true)) {
            return;
        }
        try {
            owedBytes = Math.min(owedBytes + bytesPerTurn, bytesPerTurn);
            while (owedBytes > 0 && step()) {
                // the next
            }
        } finally {
            busy.set(false);
        }
    }

    /** @return whether there may be more to do */
    private boolean step() {
        Pass now = pass;
        if (now == null) {
            now = next().orElse(null);
            pass = now;
        }
        if (now == null) {
            return false;
        }
        try {
            return step(now);
        } catch (IOException e) {
            LOG.info("image {} cannot be read now: {}", now.image.image().name(), e.getMessage());
            marks.failed(now.image.id());
            pass = null;
            return true;
        }
    }

    private boolean step(Pass now) throws IOException {
        List<Long> bad = new ArrayList<>();
        int read = now.file.folded().scrub(now.scrub, bad::add);
        for (long block : bad) {
            now.badBlocks++;
            now.file.settle(block);
        }
        if (read >= 0) {
            owedBytes -= read;
            return true;
        }
        marks.passed(now.image.id(), now.file.folded().holds(), now.badBlocks);
        if (now.badBlocks > 0) {
            LOG.warn(
                    "{} blocks of image {} were not what was written, and are restored: look at the disk of this node",
                    now.badBlocks,
                    now.image.image().name());
        }
        pass = null;
        return true;
    }

    /** The one that was not read for the longest time, if its time has come. */
    private Optional<Pass> next() {
        Collection<HostedImage> here = images.all();
        marks.keepOnly(here.stream().map(HostedImage::id).collect(Collectors.toSet()));
        return here.stream()
                .filter(image -> marks.isDue(image.id(), every))
                .sorted(Comparator.comparing(image -> marks.lastMicros(image.id())))
                .flatMap(image -> pass(image).stream())
                .findFirst();
    }

    private static Optional<Pass> pass(HostedImage image) {
        return image.copy().flatMap(file -> file.folded().blocks().map(blocks -> new Pass(image, file, blocks)));
    }

    /** Reads a file as soon as the one that is being read is through. */
    public void ask(ImageId image) {
        marks.ask(image);
    }
}
