package io.qedstore.cli.download;

import io.qedstore.api.ImageExport.Extent;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ExportSince;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.cli.api.NoAnswerException;
import io.qedstore.cli.api.RefusedException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Downloads an image's file: what is not zero, in ranges, in order. A connection that breaks is made again; a file that the
 * node does not keep any more is begun again; a run that ended too early is gone on with by the next. The file gets its name
 * once its digest is the one that the node has told.
 */
public final class ExportDownload {
    /** One range in memory at a time, twice over while it arrives. */
    private static final int MAX_RANGE_BYTES = 8 << 20;

    /** Less than a round trip's worth of zeros is fetched with the rest. */
    private static final int JOIN_BYTES = 64 << 10;

    private static final int TRIES = 7;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final int FILES = 3;

    private final ApiClient client;
    private final String image;
    private final ExportForm form;
    private final Optional<ExportSince> since;
    private final ExportWatcher watcher;
    private final Pause pause;

    /** @param since empty for the whole image */
    public ExportDownload(
            ApiClient client,
            String image,
            ExportForm form,
            Optional<ExportSince> since,
            ExportWatcher watcher,
            Pause pause) {
        this.client = client;
        this.image = image;
        this.form = form;
        this.since = since;
        this.watcher = watcher;
        this.pause = pause;
    }

    /**
     * Downloads into a file. It is whole, verified and on the disk when this returns; before, it does not have its name.
     *
     * @param replace whether a file that has the name already goes
     * @return what the file holds
     */
    public ImageExtents to(Path target, boolean replace) throws IOException {
        PartFile.requireFree(target, replace);
        try (PartFile part = PartFile.open(target, label(), form)) {
            Optional<ImageExtents> begun = goOn(part);
            boolean earlier = begun.isPresent();
            ImageExtents file = begun.isPresent() ? begun.get() : begin(part);
            for (int files = 1; ; files++) {
                if (fetch(file, part)) {
                    String found = part.sha256(watcher);
                    if (found.equals(file.sha256())) {
                        part.moveInPlace(replace);
                        return file;
                    }
                    if (!earlier) {
                        throw new IOException(
                                "the file that has arrived is not the one that the node has: found SHA-256 " + found
                                        + ", expected " + file.sha256() + "; it was not put in place, export it again");
                    }
                    watcher.note("what an earlier run has left is damaged; beginning again");
                } else {
                    watcher.note("the node does not keep the file of sequence " + file.sequence()
                            + " any more; beginning again");
                }
                if (files == FILES) {
                    throw new IOException("the node did not keep " + FILES + " files long enough to hand them out; look"
                            + " whether it has room, or ask another node");
                }
                earlier = false;
                file = begin(part);
            }
        }
    }

    /** By which a later run knows what an earlier one has begun. */
    private String label() {
        return image
                + since.map(wanted -> " since " + wanted.point() + " over " + wanted.backing())
                        .orElse("");
    }

    private ImageExtents begin(PartFile part) throws IOException {
        ImageExtents file = client.extents(image, form, since);
        part.begin(file);
        return file;
    }

    /** What an earlier run has begun, if the node still has that file. */
    private Optional<ImageExtents> goOn(PartFile part) throws IOException {
        Optional<ImageExtents> begun = part.begun();
        if (begun.isEmpty()) {
            return begun;
        }
        ImageExtents file = begun.get();
        boolean kept = part.lengthBytes() <= file.lengthBytes()
                && client.exported(image, form, file.tag(), 0, 1).isPresent();
        if (!kept) {
            watcher.note("the node does not keep the file that an earlier run has begun; beginning again");
            return Optional.empty();
        }
        watcher.note("going on with the file of sequence " + file.sequence() + " where an earlier run ended");
        return begun;
    }

    /** Whether the node had it to the end. */
    private boolean fetch(ImageExtents file, PartFile part) throws IOException {
        List<FetchRange> ranges = FetchRange.of(file.extents(), part.lengthBytes(), JOIN_BYTES, MAX_RANGE_BYTES);
        long total = file.extents().stream().mapToLong(Extent::lengthBytes).sum();
        long done = total - ranges.stream().mapToLong(FetchRange::pieceBytes).sum();
        for (FetchRange range : ranges) {
            watcher.fetched(done, total);
            Optional<byte[]> bytes = fetch(file, range);
            if (bytes.isEmpty()) {
                return false;
            }
            for (Extent piece : range.pieces()) {
                int start = Math.toIntExact(piece.fileOffset() - range.start());
                part.write(
                        piece.fileOffset(), ByteBuffer.wrap(bytes.get(), start, Math.toIntExact(piece.lengthBytes())));
            }
            done += range.pieceBytes();
        }
        watcher.fetched(done, total);
        part.complete(file.lengthBytes());
        return true;
    }

    private Optional<byte[]> fetch(ImageExtents file, FetchRange range) throws IOException {
        Duration wait = FIRST_PAUSE;
        for (int tries = 1; ; tries++) {
            try {
                return client.exported(image, form, file.tag(), range.start(), range.lengthBytes());
            } catch (NoAnswerException e) {
                giveUpAfter(tries, e);
            } catch (RefusedException e) {
                if (!e.isTemporary()) {
                    throw e;
                }
                giveUpAfter(tries, e);
            }
            pause.of(wait);
            wait = wait.multipliedBy(2);
        }
    }

    private static void giveUpAfter(int tries, IOException failure) throws IOException {
        if (tries == TRIES) {
            throw new IOException(
                    "tried " + TRIES + " times: " + failure.getMessage()
                            + "; what has arrived is kept, and the same command goes on with it",
                    failure);
        }
    }
}
