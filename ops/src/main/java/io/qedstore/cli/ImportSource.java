package io.qedstore.cli;

import io.qedstore.imports.HostableFile;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.copy.DiskConversion;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The QED file that is sent for a disk: a standalone QED file itself, or one that was made of whatever else the disk is, in a temporary
 * file that goes with this. Nobody may write to it meanwhile.
 *
 * @param format what the disk's file is
 * @param made the temporary file; null if the disk is sent as it is
 */
record ImportSource(
        String format, ChannelImageFile file, @Nullable Path made) implements Closeable {
    /**
     * @param format as the user has it; null if nothing was said
     * @param flatten whether a disk with backing files is one disk
     * @param root where the files that it names may lie; null for beside it and below
     * @param folder for a temporary file
     */
    static ImportSource open(
            Path disk, @Nullable String format, boolean flatten, @Nullable Path root, Path folder, Progress progress)
            throws IOException, CommandFailure {
        ChannelImageFile opened = ChannelImageFile.open(disk, FileAccess.READ);
        boolean isSent = false;
        try {
            String found = DiskFormat.of(opened, disk, format);
            boolean isQed = found.equals(DiskFormat.QED);
            if (isQed
                    && !(flatten
                            && HeaderReader.read(opened, HeaderLayout.FINAL)
                                    .backing()
                                    .exists())) {
                isSent = true;
                return new ImportSource(found, opened, null);
            }
            AllowedFiles allowed = AllowedFiles.of(disk, root);
            if (isQed) {
                allowed.requireChain(disk);
            } else if (!found.equals(DiskFormat.RAW)) {
                requireAlone(disk, found, flatten);
                allowed.requireChain(disk, found);
            }
            return made(disk, found, folder, progress);
        } finally {
            if (!isSent) {
                opened.close();
            }
        }
    }

    private static ImportSource made(Path disk, String format, Path folder, Progress progress)
            throws IOException, CommandFailure {
        Path made = Files.createTempFile(folder, "qedstore-import-", ".qed");
        boolean isMade = false;
        try {
            switch (format) {
                case DiskFormat.RAW -> convert(disk, ImageFormat.RAW, made, progress);
                case DiskFormat.QED -> convert(disk, ImageFormat.QED, made, progress);
                default -> QemuImg.convert(disk, format, made);
            }
            ImportSource source = new ImportSource(format, ChannelImageFile.open(made, FileAccess.READ), made);
            isMade = true;
            return source;
        } finally {
            if (!isMade) {
                Files.deleteIfExists(made);
            }
        }
    }

    private static void requireAlone(Path disk, String format, boolean flatten) throws IOException, CommandFailure {
        Optional<String> backing = flatten ? Optional.empty() : QemuImg.backing(disk, format);
        if (backing.isPresent()) {
            throw new CommandFailure("'" + disk + "' has the backing file '" + backing.get()
                    + "', and images are imported whole; say --flatten to import what the whole chain shows");
        }
    }

    private static void convert(Path disk, ImageFormat format, Path target, Progress progress)
            throws IOException, CommandFailure {
        try (GuestImage image = ImageChain.openReadOnly(disk, format)) {
            if (image.sizeBytes() == 0) {
                throw new CommandFailure("'" + disk + "' is a disk of 0 bytes, expected one with sectors");
            }
            try (ChannelImageFile file = ChannelImageFile.open(target, FileAccess.WRITE)) {
                new NewImage(geometry(disk, format), image.sizeBytes()).createIn(file, HeaderLayout.FINAL);
            }
            try (PlainImage created = PlainImage.open(target)) {
                DiskConversion.copy(image, created, true, DiskConversion.DEFAULT_MIN_ZERO_BYTES, progress);
            }
        }
    }

    /** That of the top file, where nodes can host it. */
    private static ImageGeometry geometry(Path disk, ImageFormat format) throws IOException {
        ImageGeometry usual = new ImageGeometry(ImageGeometry.DEFAULT_CLUSTER_SIZE, ImageGeometry.DEFAULT_TABLE_SIZE);
        if (format != ImageFormat.QED) {
            return usual;
        }
        try (ChannelImageFile top = ChannelImageFile.open(disk, FileAccess.READ)) {
            ImageGeometry found =
                    HeaderReader.read(top, HeaderLayout.FINAL).header().geometry();
            return HostableFile.isHostable(found) ? found : usual;
        }
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            if (made != null) {
                Files.deleteIfExists(made);
            }
        }
    }
}
