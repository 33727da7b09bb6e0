package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.RawImage;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Optional;

/** The backing file that a new image is to have: looked at before the image's file is touched. */
final class BackingArgument {
    private BackingArgument() {}

    /**
     * Checks name and format, and opens the backing file with its chain, unless it is not to be opened.
     *
     * @return its size in bytes if it was opened
     * @throws CommandFailure if something is missing or wrong, or the chain leads back to the new image's own file
     */
    static Optional<Long> check(Path target, String name, String format, boolean unchecked) throws CommandFailure {
        if (name.isEmpty()) {
            throw new CommandFailure("Expected backing file name, got empty string");
        }
        Path path = resolve(target, name);
        if (path.toAbsolutePath().normalize().equals(target.toAbsolutePath().normalize())) {
            throw new CommandFailure("Error: Trying to create an image with the same filename as the backing file");
        }
        if (unchecked) {
            requireFormat(format, "");
            return Optional.empty();
        }
        try (GuestImage image = ImageChain.openNewBacking(target, name, imageFormat(format))) {
            requireFormat(format, " Detected format of " + (image instanceof RawImage ? "raw" : "qed") + ".");
            return Optional.of(image.sizeBytes());
        } catch (IOException e) {
            throw new CommandFailure(
                    "Could not open '" + path + "': " + ImageChain.reason(e) + "; Could not open backing image.");
        }
    }

    private static Path resolve(Path target, String name) throws CommandFailure {
        try {
            return ImageChain.resolve(target, name);
        } catch (IOException e) {
            throw new CommandFailure(ImageChain.reason(e) + "; Could not open backing image.");
        }
    }

    private static void requireFormat(String format, String detected) throws CommandFailure {
        if (format.isEmpty()) {
            throw new CommandFailure("Backing file specified without backing format." + detected
                    + " Say it with -F, so that nobody has to guess later.");
        }
        if (!format.equals("raw") && !format.equals("qed")) {
            throw new CommandFailure(
                    "Parameter 'backing-fmt' does not accept value '" + format + "' (known here: raw, qed)");
        }
    }

    private static ImageFormat imageFormat(String format) throws CommandFailure {
        if (format.isEmpty()) {
            return ImageFormat.PROBE;
        }
        try {
            return Disks.format(format);
        } catch (CommandFailure e) {
            throw new CommandFailure(e.getMessage() + "; Could not open backing image.");
        }
    }
}
