package io.qedstore.cli;

import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a disk's file is, by qemu's names. A guest can write what it likes into the first bytes of a raw disk, so these alone decide
 * nothing: where the file's name does not say the same, somebody has to say it.
 */
final class DiskFormat {
    static final String RAW = "raw";
    static final String QED = "qed";

    private static final Map<String, String> BY_ENDING = Map.of(
            "raw", RAW,
            "qed", QED,
            "qcow", "qcow",
            "qcow2", "qcow2",
            "vmdk", "vmdk",
            "vhdx", "vhdx",
            "vhd", "vpc",
            "vpc", "vpc",
            "vdi", "vdi",
            "hdd", "parallels");

    private DiskFormat() {}

    /** @param asked as the user has it; null if nothing was said */
    static String of(FileView file, Path path, @Nullable String asked) throws IOException, CommandFailure {
        if (asked != null) {
            return asked.toLowerCase(Locale.ROOT);
        }
        String found = byFirstBytes(file);
        Optional<String> named = byName(path);
        if (found.equals(RAW) && named.isPresent() && !named.get().equals(RAW)) {
            throw new CommandFailure("'" + path + "' is named as " + named.get()
                    + ", and does not begin like one; say --format=FMT for what it is");
        }
        if (!found.equals(RAW) && !named.equals(Optional.of(found))) {
            throw new CommandFailure("'" + path + "' begins like " + found
                    + ", and is not named so; a raw disk does too, once its guest has written that there: say --format="
                    + found + " or --format=raw");
        }
        return found;
    }

    private static Optional<String> byName(Path path) {
        String name = String.valueOf(path.getFileName());
        String ending = name.substring(name.lastIndexOf('.') + 1).toLowerCase(Locale.ROOT);
        return name.indexOf('.') < 0 ? Optional.empty() : Optional.ofNullable(BY_ENDING.get(ending));
    }

    private static String byFirstBytes(FileView file) throws IOException {
        if (HeaderReader.probe(file)) {
            return QED;
        }
        Optional<String> foreign = ImageChain.foreignFormat(file);
        if (foreign.isEmpty()) {
            return RAW;
        } else if (foreign.get().equals("qcow")) {
            ByteBuffer version = ByteBuffer.allocate(Integer.BYTES);
            file.read(Integer.BYTES, version);
            return version.getInt(0) == 1 ? "qcow" : "qcow2";
        }
        return foreign.get().split(" ", 2)[0];
    }
}
