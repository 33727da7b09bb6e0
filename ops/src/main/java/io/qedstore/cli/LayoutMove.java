package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.LayoutConversion;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
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
            LayoutConversion conversion = notDraft.isEmpty()
                    ? LayoutConversion.toFinal(from, probe(source, from))
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

    /** What the backing file is when it is looked at, as the final layout will do it. */
    private static ImageFormat probe(Path source, ChannelImageFile from) throws IOException {
        HeaderReader start = HeaderReader.read(from, HeaderLayout.DRAFT_2010);
        if (!start.backing().exists()) {
            return ImageFormat.PROBE;
        }
        Path path = ImageChain.resolve(source, start.backing().name());
        try (GuestImage backing = ImageChain.openReadOnly(path, ImageFormat.PROBE)) {
            return backing instanceof RawImage ? ImageFormat.RAW : ImageFormat.QED;
        } catch (IOException e) {
            return ImageFormat.PROBE; // then only "raw" can be carried over, which needs no look
        }
    }
}
