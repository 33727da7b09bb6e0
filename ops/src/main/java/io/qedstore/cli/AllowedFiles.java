package io.qedstore.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.qed.BackingReference;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Which files a disk may name that is imported. Whoever has made it may have named any that whoever imports it can read, and see them as its
 * disk then. So only those beside it and below are read, or in the folder that was allowed.
 */
final class AllowedFiles {
    private final Path root;
    private final boolean isNamed;

    private AllowedFiles(Path root, boolean isNamed) {
        this.root = root;
        this.isNamed = isNamed;
    }

    /** @param root where files may lie, by whatever path they are named; null for those beside the disk and below, by relative names */
    static AllowedFiles of(Path disk, @Nullable Path root) throws IOException {
        Path real = (root == null ? disk.toAbsolutePath().resolveSibling(".") : root).toRealPath();
        return new AllowedFiles(real, root != null);
    }

    /** Follows what a QED file and those behind it name. */
    void requireChain(Path disk) throws IOException, CommandFailure {
        Path next = disk.toAbsolutePath();
        ImageFormat as = ImageFormat.QED;
        for (int depth = 0; depth < ImageChain.MAX_DEPTH; depth++) {
            BackingReference backing;
            try (ChannelImageFile file = ChannelImageFile.open(next, FileAccess.READ)) {
                if (ImageChain.resolveFormat(file, next, as) != ImageFormat.QED) {
                    return;
                }
                backing = HeaderReader.read(file, HeaderLayout.FINAL).backing();
            }
            if (!backing.exists()) {
                return;
            }
            next = require(next, backing.name());
            as = backing.format();
        }
    }

    /** Follows what a file of another format and those behind it name, as qemu-img reads it. */
    void requireChain(Path disk, String format) throws IOException, CommandFailure {
        Path next = disk.toAbsolutePath();
        Optional<String> as = Optional.of(format);
        for (int depth = 0; depth < ImageChain.MAX_DEPTH; depth++) {
            JsonNode info = QemuImg.info(next, as);
            for (String name : dataFiles(info)) {
                if (!name.equals(next.toString())) { // a file of one part calls itself so
                    require(next, name);
                }
            }
            if (!info.has("backing-filename")) {
                return;
            }
            next = require(next, info.get("backing-filename").asText());
            as = Optional.ofNullable(info.get("backing-filename-format")).map(JsonNode::asText);
        }
    }

    private static List<String> dataFiles(JsonNode info) {
        JsonNode data = info.path("format-specific").path("data");
        List<String> names = new ArrayList<>();
        if (data.has("data-file")) {
            names.add(data.get("data-file").asText());
        }
        data.path("extents").forEach(extent -> names.add(extent.path("filename").asText()));
        return names;
    }

    /** @return the file that is named, by the path by which it is opened then: links lead from where they lie */
    private Path require(Path by, String name) throws IOException, CommandFailure {
        if (ImageChain.namesProtocol(name)) {
            throw refused(by, name, "a protocol, and not a file");
        }
        Path path;
        try {
            path = Path.of(name);
        } catch (InvalidPathException e) {
            throw refused(by, name, "no file's name");
        }
        if (path.isAbsolute() && !isNamed) {
            throw refused(by, name, "an absolute path");
        }
        Path named = by.resolveSibling(path);
        Path real;
        try {
            real = named.toRealPath();
        } catch (IOException e) {
            throw new CommandFailure("'" + by + "' names the file '" + Printable.of(name) + "', which cannot be read: "
                    + ImageChain.reason(e));
        }
        if (!real.startsWith(root)) {
            throw refused(by, name, "outside of '" + root + "'");
        }
        return named;
    }

    private CommandFailure refused(Path by, String name, String what) {
        return new CommandFailure("'" + by + "' names the file '" + Printable.of(name) + "', which is " + what
                + "; expected files " + (isNamed ? "in '" + root + "'" : "beside it or below, by relative names")
                + ". If the disk is to be trusted, allow the folder with --backing-root=DIR");
    }
}
