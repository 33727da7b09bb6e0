package io.qedstore.cli;

import io.qedstore.api.BackingInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ExportSince;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.cli.download.ExportDownload;
import io.qedstore.cli.download.ExportWatcher;
import io.qedstore.cli.download.Pause;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.copy.DiskConversion;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The files of an image and of all that it lies over, on this machine. The files behind it have the names that the headers say, so that
 * qemu opens the chain in whatever folder it lies.
 */
final class ExportedChain {
    /** What nodes call a base. Anything else would be a file of somebody's. */
    private static final Pattern BASE_NAME = Pattern.compile("[0-9a-f-]{36}-[0-9]+\\.qed");

    private static final int MAX_BASES = 64;

    private final ApiClient node;
    private final String image;
    private final ExportWatcher watcher;
    private final List<BackingInfo> bases;

    private ExportedChain(ApiClient node, String image, ExportWatcher watcher, List<BackingInfo> bases) {
        this.node = node;
        this.image = image;
        this.watcher = watcher;
        this.bases = bases;
    }

    /** Before a node is asked for anything. */
    static void requireFree(Path target, boolean replace) throws FileAlreadyExistsException {
        if (!replace && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "the file exists; name another, or replace it with --force");
        }
    }

    /**
     * Asks a node what an image lies over.
     *
     * @param image with a point, or without
     */
    static ExportedChain of(ApiClient node, String image, ExportWatcher watcher) throws IOException {
        List<BackingInfo> bases = new ArrayList<>();
        ImageInfo top = node.image(image.replaceFirst("@.*", ""));
        Optional<BackingInfo> next = top.backing();
        while (next.isPresent()) {
            BackingInfo base = next.get();
            if (!BASE_NAME.matcher(base.file()).matches() || bases.size() == MAX_BASES) {
                throw new IOException("the node says that '" + image + "' lies over '" + base.file() + "', behind "
                        + bases.size() + " others; that is no name of a base, or they are too many");
            }
            bases.add(base);
            next = node.image(base.image()).backing();
        }
        return new ExportedChain(node, image, watcher, List.copyOf(bases));
    }

    /** What the image lies over, the nearest first. */
    List<BackingInfo> bases() {
        return bases;
    }

    /** The owner's bytes of the image alone. */
    ImageExtents exact(Path target, boolean replace) throws IOException {
        return download(image, ExportForm.EXACT).to(target, replace);
    }

    /** The image's file, and the others beside it, which come first. */
    ImageExtents chain(Path target, boolean replace) throws IOException {
        for (int i = bases.size() - 1; i >= 0; i--) {
            base(bases.get(i), target.resolveSibling(bases.get(i).file()), replace);
        }
        return download(image, ExportForm.QEMU).to(target, replace);
    }

    /** What has changed since a point, over an export of that point. */
    ImageExtents since(ExportSince overlay, Path target, boolean replace) throws IOException {
        return download(image, ExportForm.QEMU, Optional.of(overlay)).to(target, replace);
    }

    private ExportDownload download(String what, ExportForm form) {
        return download(what, form, Optional.empty());
    }

    private ExportDownload download(String what, ExportForm form, Optional<ExportSince> overlay) {
        return new ExportDownload(node, what, form, overlay, watcher, Pause.BY_THE_CLOCK);
    }

    private void base(BackingInfo base, Path file, boolean replace) throws IOException {
        String what = base.image() + "@seq:" + base.sequence();
        if (!Files.exists(file, LinkOption.NOFOLLOW_LINKS)) {
            download(what, ExportForm.QEMU).to(file, false);
            return;
        }
        if (node.extents(what, ExportForm.QEMU, Optional.empty()).sha256().equals(sha256(file))) {
            watcher.note("'" + file + "' is there already");
            return;
        }
        if (!replace) {
            throw new FileAlreadyExistsException(
                    file.toString(), null, "it is not '" + what + "', which belongs there; replace it with --force");
        }
        download(what, ExportForm.QEMU).to(file, true);
    }

    private static String sha256(Path file) throws IOException {
        try (DigestInputStream in =
                new DigestInputStream(Files.newInputStream(file), MessageDigest.getInstance("SHA-256"))) {
            in.transferTo(java.io.OutputStream.nullOutputStream());
            return HexFormat.of().formatHex(in.getMessageDigest().digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * One file that needs no other. The chain lies in a folder beside it until that is made; after a failure, the same call goes on with
     * what is there.
     */
    ImageExtents flat(Path target, boolean replace) throws IOException {
        if (bases.isEmpty()) {
            return download(image, ExportForm.QEMU).to(target, replace);
        }
        Path folder = target.resolveSibling(target.getFileName() + ".chain");
        Path ours = folder.resolve("made-by-export");
        if (Files.exists(folder) && !Files.exists(ours)) {
            throw new FileAlreadyExistsException(
                    folder.toString(), null, "the export needs that name for a folder of its own; move it away");
        }
        Files.createDirectories(folder);
        if (!Files.exists(ours)) {
            Files.createFile(ours);
        }
        Path top = folder.resolve("top.qed");
        ImageExtents file = chain(top, true);
        Path flat = folder.resolve("flat.qed");
        Files.deleteIfExists(flat);
        ImageGeometry geometry;
        try (ChannelImageFile opened = ChannelImageFile.open(top, FileAccess.READ)) {
            geometry = HeaderReader.read(opened, HeaderLayout.FINAL).header().geometry();
        }
        try (GuestImage source = ImageChain.openReadOnly(top, ImageFormat.QED)) {
            try (ChannelImageFile made = ChannelImageFile.createOrOpen(flat)) {
                new NewImage(geometry, source.sizeBytes()).createIn(made, HeaderLayout.FINAL);
            }
            try (PlainImage made = PlainImage.open(flat)) {
                DiskConversion.copy(source, made, true, DiskConversion.DEFAULT_MIN_ZERO_BYTES, (done, total) -> {});
            }
        }
        DurableFile.rename(flat, target);
        DurableFile.removeAll(folder);
        return file;
    }
}
