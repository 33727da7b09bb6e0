package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Opens files for commands, with an error that names the file. */
final class Disks {
    private Disks() {}

    static GuestImage openReadOnly(Path file, ImageFormat format, HeaderLayout layout) throws CommandFailure {
        try {
            return ImageChain.openReadOnly(file, format, layout);
        } catch (IOException e) {
            throw notOpened(Main.FAILED, file, e);
        }
    }

    static PlainImage openForWriting(Path file) throws CommandFailure {
        try {
            return PlainImage.open(file);
        } catch (IOException e) {
            throw notOpened(Main.FAILED, file, e);
        }
    }

    static CommandFailure notOpened(int exitCode, Path file, IOException e) {
        return new CommandFailure(exitCode, "Could not open '" + file + "': " + ImageChain.reason(e));
    }

    /** The format that a {@code -f} or {@code -F} names; probed where it is missing. */
    static ImageFormat format(@Nullable String name) throws CommandFailure {
        if (name == null) {
            return ImageFormat.PROBE;
        }
        return switch (name) {
            case "raw" -> ImageFormat.RAW;
            case "qed" -> ImageFormat.QED;
            default ->
                throw new CommandFailure(
                        "Unknown driver '" + name + "' (known here: raw, qed; qemu-img converts from and to others)");
        };
    }

    /** For commands that only know one format. */
    static void requireQed(String name) throws CommandFailure {
        if (format(name) != ImageFormat.QED) {
            throw new CommandFailure("the format is '" + name + "', and this command works on qed images alone");
        }
    }
}
