package io.qedstore.cli;

import io.qedstore.qed.BackingReference;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.LayoutConversion;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Moves a QED file between the two header layouts. The user has said that one of them is the draft's; which one follows
 * from the file alone, and a file that could be either is refused.
 */
final class LayoutMove {
    private LayoutMove() {}

    static void move(Path source, Path target) throws CommandFailure {
        try (ChannelImageFile from = ChannelImageFile.open(source, FileAccess.READ)) {
            Optional<String> notDraft = problem(from, HeaderLayout.DRAFT_2010);
            Optional<String> notFinal = problem(from, HeaderLayout.FINAL);
            if (notDraft.isPresent() && notFinal.isPresent()) {
                throw new CommandFailure("'" + source + "' is valid in neither layout: as a draft, " + notDraft.get()
                        + "; as final, " + notFinal.get());
            }
            if (notDraft.isEmpty() && notFinal.isEmpty()) {
                throw new CommandFailure(
                        "'" + source + "' is valid in both layouts, and nothing in it says which is meant;"
                                + " `file dump` shows both readings");
            }
            HeaderLayout layout = notDraft.isEmpty() ? HeaderLayout.DRAFT_2010 : HeaderLayout.FINAL;
            ImageFormat probed =
                    probe(source, target, HeaderReader.read(from, layout).backing());
            LayoutConversion conversion = layout == HeaderLayout.DRAFT_2010
                    ? LayoutConversion.toFinal(from, probed)
                    : LayoutConversion.toDraft(from);
            try (ChannelImageFile to = ChannelImageFile.createOrOpen(target)) {
                conversion.copyTo(to);
            }
        } catch (IOException e) {
            throw new CommandFailure("'" + source + "': " + ImageChain.reason(e));
        }
    }

    private static Optional<String> problem(ChannelImageFile file, HeaderLayout layout) throws IOException {
        try {
            HeaderReader.read(file, layout);
            return Optional.empty();
        } catch (QedFormatException e) {
            return Optional.of(String.valueOf(e.getMessage()));
        }
    }

    /**
     * What the backing file is when it is looked at, as the final layout will do it.
     *
     * @throws QedFormatException if the target stands behind the source, which would lose it
     */
    private static ImageFormat probe(Path source, Path target, BackingReference reference) throws IOException {
        if (!reference.exists()) {
            return ImageFormat.PROBE;
        }
        String path =
                ImageChain.resolve(source, reference.name()).toAbsolutePath().toString();
        try (GuestImage backing = ImageChain.openNewBacking(target, path, ImageFormat.PROBE)) {
            return backing instanceof RawImage ? ImageFormat.RAW : ImageFormat.QED;
        } catch (IOException e) {
            if (e instanceof QedFormatException format && format.error() == QedError.BACKING_CHAIN) {
                throw format;
            }
            return ImageFormat.PROBE; // then only "raw" can be carried over, which needs no look
        }
    }
}
