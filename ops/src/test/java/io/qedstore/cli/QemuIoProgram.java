package io.qedstore.cli;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.recipe.QemuIoScript;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Stands in for qemu-io: {@code [-r] -f raw|qed -c COMMAND... FILE}, done by the engine. */
final class QemuIoProgram {
    private static final int KILLED = 137;

    private QemuIoProgram() {}

    public static void main(String[] args) throws IOException {
        List<String> commands = new ArrayList<>();
        boolean raw = false;
        boolean readOnly = false;
        Path file = Path.of("");
        for (int i = 0; i < args.length; i++) {
            switch (args[i]) {
                case "-r" -> readOnly = true;
                case "-f" -> raw = args[++i].equals("raw");
                case "-c" -> commands.add(args[++i]);
                default -> file = Path.of(args[i]);
            }
        }
        try (GuestImage image = open(file, raw, readOnly)) {
            if (QemuIoScript.run(image, commands) == QemuIoScript.End.KILLED) {
                Runtime.getRuntime().halt(KILLED);
            }
        }
    }

    private static GuestImage open(Path file, boolean raw, boolean readOnly) throws IOException {
        if (readOnly) {
            return ImageChain.openReadOnly(file, raw ? ImageFormat.RAW : ImageFormat.QED);
        }
        return raw
                ? new RawImage(file.toString(), ChannelImageFile.open(file, FileAccess.WRITE))
                : PlainImage.open(file);
    }
}
