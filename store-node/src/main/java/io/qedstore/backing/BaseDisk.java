package io.qedstore.backing;

import io.qedstore.checkpoint.CheckpointCodec;
import io.qedstore.checkpoint.CheckpointDescription;
import io.qedstore.checkpoint.CheckpointException;
import io.qedstore.content.BlockSums;
import io.qedstore.content.FileSums;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.Mender;
import io.qedstore.event.Backing;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import io.qedstore.rebuild.RebuildWatcher;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What lies on the disk of one base:
 *
 * <pre>
 *   IMAGE-SEQUENCE.qed    the file, as a rebuild makes it
 *   IMAGE-SEQUENCE.sums   the digests of its blocks
 *   IMAGE-SEQUENCE.seal   what both add up to; written last and removed first
 * </pre>
 *
 * <p>Without a seal that fits, the rest is nothing and is made anew. One caller at a time.
 */
public final class BaseDisk {
    private static final Logger LOG = LoggerFactory.getLogger(BaseDisk.class);

    private static final Pattern NAME = Pattern.compile("(?<image>[0-9a-f-]{36})-(?<sequence>[0-9]{1,19})\\..+");

    private final Path file;
    private final Path sums;
    private final Path seal;

    /** What is to take the file's place. */
    private final Path fresh;

    private final Path freshSums;
    private final Mender mender;
    private final BaseSteps steps;

    /** @param mender asked for blocks that the file has lost */
    public BaseDisk(Path folder, Backing of, Mender mender, BaseSteps steps) {
        this.file = folder.resolve(of.fileName());
        String name = of.fileName().replaceFirst("qed$", "");
        this.sums = folder.resolve(name + "sums");
        this.seal = folder.resolve(name + "seal");
        this.fresh = folder.resolve(name + "fresh");
        this.freshSums = folder.resolve(name + "fresh.sums");
        this.mender = mender;
        this.steps = steps;
    }

    /**
     * Of which base a file is part, by its name.
     *
     * @return as the name of that base's file; empty if it is none of ours
     */
    static Optional<String> baseOf(Path found) {
        Matcher matcher = NAME.matcher(String.valueOf(found.getFileName()));
        if (!matcher.matches()) {
            return Optional.empty();
        }
        try {
            String image = UUID.fromString(matcher.group("image")).toString();
            return Optional.of(image + "-" + matcher.group("sequence") + ".qed");
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    Path file() {
        return file;
    }

    /** Whether the file lies there. */
    boolean isThere() {
        return Files.exists(file);
    }

    /** Opens what is there; empty if it is not whole. */
    Optional<StoredBase> open() throws IOException {
        if (!Files.exists(seal) || !Files.exists(file) || !Files.exists(sums)) {
            return Optional.empty();
        }
        try {
            CheckpointDescription sealed = CheckpointCodec.decode(Files.readAllBytes(seal), file.toString());
            return Optional.of(open(sealed));
        } catch (CheckpointException e) {
            LOG.warn("the base {} is made anew: {}", file, e.getMessage());
            return Optional.empty();
        }
    }

    private StoredBase open(CheckpointDescription sealed) throws IOException {
        ChannelImageFile opened = ChannelImageFile.open(file, FileAccess.WRITE); // to restore blocks
        ChannelImageFile openedSums = null;
        boolean fits = false;
        try {
            openedSums = ChannelImageFile.open(sums, FileAccess.WRITE);
            BlockSums blocks = new FileSums(openedSums).open(opened.length());
            fits = opened.length() == sealed.content().fileLengthBytes()
                    && blocks.sum().equals(sealed.content().sum());
            if (!fits) {
                throw new CheckpointException.Damaged(file + " has " + opened.length() + " bytes with the sum "
                        + blocks.sum() + ", expected " + sealed.content().fileLengthBytes() + " bytes with "
                        + sealed.content().sum());
            }
            return new StoredBase(opened, openedSums, new KnownBlocks(opened, blocks, sealed.algorithm(), mender));
        } finally {
            if (!fits) {
                opened.close();
                if (openedSums != null) {
                    openedSums.close();
                }
            }
        }
    }

    /**
     * Makes the file; a rebuild that was ended in the middle goes on. What is there goes when the new one is whole: it may be that no
     * other can be made.
     */
    public StoredBase make(RebuildSource source, Backing of, RebuildWatcher watcher) throws IOException {
        Files.deleteIfExists(fresh);
        Rebuild.Rebuilt made = new Rebuild(source, fresh, freshSums, watcher).upTo(of.sequence());
        removeWhole();
        DurableFile.rename(freshSums, sums);
        steps.taken(BaseSteps.Step.SUMMED);
        DurableFile.rename(fresh, file);
        steps.taken(BaseSteps.Step.REBUILT);
        CheckpointDescription sealed = new CheckpointDescription(made.state(), made.content(), 0, 0);
        DurableFile.replace(seal, CheckpointCodec.encode(sealed));
        steps.taken(BaseSteps.Step.SEALED);
        return open(sealed);
    }

    private void removeWhole() throws IOException {
        remove(seal, BaseSteps.Step.UNSEALED);
        remove(file, BaseSteps.Step.REMOVED);
        remove(sums, BaseSteps.Step.REMOVED);
    }

    private void remove(Path path, BaseSteps.Step step) throws IOException {
        if (Files.deleteIfExists(path)) {
            DurableFile.forceFolder(path);
            steps.taken(step);
        }
    }

    /** Removes all of it, and what a rebuild has left. */
    void remove() throws IOException {
        removeWhole();
        Files.deleteIfExists(fresh);
        Files.deleteIfExists(freshSums);
        Rebuild.removeParts(fresh);
    }
}
