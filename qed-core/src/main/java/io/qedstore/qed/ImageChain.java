package io.qedstore.qed;

import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.QedError;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.InvalidPathException;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Opens files as disks, each with the files behind it. Backing names are resolved against the folder of the file that
 * holds them. Only local files are opened; a chain that comes back to one of its files, or is longer than
 * {@link #MAX_DEPTH}, is refused before anything is read from it.
 */
public final class ImageChain {
    /** Files in a chain, the top one included. */
    public static final int MAX_DEPTH = 64;

    private static final Pattern PROTOCOL = Pattern.compile("[^/:]*:.*", Pattern.DOTALL);

    private static final String FILE_PROTOCOL = "file:";

    /** First bytes of formats that must not be mistaken for raw disks. */
    private static final Map<String, byte[]> FOREIGN_MAGICS = Map.of(
            "qcow", new byte[] {'Q', 'F', 'I', (byte) 0xfb},
            "vmdk", ascii("KDMV"),
            "vmdk (COWD)", ascii("COWD"),
            "vhdx", ascii("vhdxfile"),
            "vpc", ascii("conectix"),
            "luks", new byte[] {'L', 'U', 'K', 'S', (byte) 0xba, (byte) 0xbe},
            "parallels", ascii("WithoutFreeSpace"),
            "vdi", ascii("<<< "));

    private final List<Object> fileKeys = new ArrayList<>();

    private ImageChain() {}

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    /** Opens a disk to read, with its chain. Nothing is changed, not even what a dirty image would need. */
    public static GuestImage openReadOnly(Path path, ImageFormat format) throws IOException {
        return openReadOnly(path, format, HeaderLayout.FINAL);
    }

    /** @param layout of the top file's header, if it is QED; files behind it have the final one */
    public static GuestImage openReadOnly(Path path, ImageFormat format, HeaderLayout layout) throws IOException {
        return new ImageChain().open(path, format, layout);
    }

    /** Opens a QED file to read, without what is behind it: it shows zeros where it holds nothing itself. */
    public static GuestImage openAlone(Path path) throws IOException {
        ChannelImageFile file = ChannelImageFile.open(path, FileAccess.READ);
        boolean opened = false;
        try {
            HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
            GuestImage image =
                    QedImage.open(path.toString(), file, start.header(), null, QedImage.DEFAULT_L2_CACHE_BYTES);
            opened = true;
            return image;
        } finally {
            if (!opened) {
                file.close();
            }
        }
    }

    /**
     * Opens the chain behind a file, to read.
     *
     * @return null where the header names no backing file
     */
    public static @Nullable GuestImage openBacking(Path overlay, BackingReference reference) throws IOException {
        ImageChain chain = new ImageChain();
        chain.enter(overlay);
        return chain.backing(overlay, reference);
    }

    /**
     * Opens what is to become the backing chain of {@code overlay}, to read.
     *
     * @throws QedFormatException if the overlay would then stand behind itself
     */
    public static GuestImage openNewBacking(Path overlay, String backingName, ImageFormat format) throws IOException {
        ImageChain chain = new ImageChain();
        chain.enter(overlay);
        return chain.open(resolve(overlay, backingName), format, HeaderLayout.FINAL);
    }

    private GuestImage open(Path path, ImageFormat format, HeaderLayout layout) throws IOException {
        enter(path);
        ChannelImageFile file = ChannelImageFile.open(path, FileAccess.READ);
        GuestImage backing = null;
        boolean opened = false;
        try {
            GuestImage image;
            if (resolveFormat(file, path, format) == ImageFormat.RAW) {
                image = new RawImage(path.toString(), file);
            } else {
                HeaderReader start = HeaderReader.read(file, layout);
                backing = backing(path, start.backing());
                image = QedImage.open(path.toString(), file, start.header(), backing, QedImage.DEFAULT_L2_CACHE_BYTES);
            }
            opened = true;
            return image;
        } finally {
            if (!opened) {
                file.close();
                if (backing != null) {
                    backing.close();
                }
            }
        }
    }

    private @Nullable GuestImage backing(Path overlay, BackingReference reference) throws IOException {
        if (!reference.exists()) {
            return null;
        }
        Path path = resolve(overlay, reference.name());
        try {
            return open(path, reference.format(), HeaderLayout.FINAL);
        } catch (QedFormatException e) {
            String text = "Could not open backing file: Could not open '" + path + "': " + e.getMessage();
            throw new QedFormatException(e.error(), e.errno(), text);
        } catch (IOException e) {
            throw new IOException("Could not open backing file: Could not open '" + path + "': " + reason(e), e);
        }
    }

    /** What went wrong, without the file name that the caller gives. */
    public static String reason(IOException e) {
        if (e instanceof FileSystemException fs && fs.getReason() != null) {
            return fs.getReason();
        } else if (e instanceof NoSuchFileException) {
            return "No such file or directory";
        } else if (e instanceof AccessDeniedException) {
            return "Permission denied";
        } else if (e instanceof NotDirectoryException) {
            return "Not a directory";
        }
        return Objects.requireNonNullElse(e.getMessage(), e.getClass().getSimpleName());
    }

    /** As qemu reads a name: what stands before a colon, and has no slash, is a protocol; {@code json:} is one, too. */
    public static boolean namesProtocol(String name) {
        return PROTOCOL.matcher(name).matches();
    }

    /**
     * The file that a backing name means.
     *
     * @throws QedFormatException if it means no local file
     */
    public static Path resolve(Path overlay, String backingName) throws QedFormatException {
        String name = backingName;
        if (name.startsWith(FILE_PROTOCOL)) {
            name = name.substring(FILE_PROTOCOL.length());
        } else if (namesProtocol(name)) {
            throw new QedFormatException(
                    QedError.BACKING_CHAIN,
                    "'" + name + "' names a protocol; only local files can be opened, change it with `file rebase -u`");
        }
        try {
            return overlay.resolveSibling(name);
        } catch (InvalidPathException e) {
            throw new QedFormatException(QedError.BACKING_CHAIN, "'" + name + "' is no file name: " + e.getReason());
        }
    }

    private void enter(Path path) throws IOException {
        if (!Files.exists(path)) {
            return; // the open that follows says it better
        }
        Path real = path.toRealPath();
        Object key = Objects.requireNonNullElse(
                Files.readAttributes(real, java.nio.file.attribute.BasicFileAttributes.class)
                        .fileKey(),
                real);
        if (fileKeys.contains(key)) {
            throw new QedFormatException(
                    QedError.BACKING_CHAIN,
                    "the chain of backing files comes back to '" + path + "'; break the cycle with `file rebase -u`");
        }
        fileKeys.add(key);
        if (fileKeys.size() > MAX_DEPTH) {
            throw new QedFormatException(
                    QedError.BACKING_CHAIN,
                    "the chain of backing files is longer than " + MAX_DEPTH + " files at '" + path
                            + "'; shorten it with `file commit` or `file rebase`");
        }
    }

    /**
     * Decides what a file is.
     *
     * @throws QedFormatException if it looks like a format that is not read here
     */
    public static ImageFormat resolveFormat(FileView file, Path path, ImageFormat asked) throws IOException {
        if (asked != ImageFormat.PROBE) {
            return asked;
        }
        if (HeaderReader.probe(file)) {
            return ImageFormat.QED;
        }
        Optional<String> foreign = foreignFormat(file);
        if (foreign.isPresent()) {
            throw new QedFormatException(
                    QedError.NOT_QED,
                    "'" + path + "' looks like " + foreign.get()
                            + ", which is not read here; convert it with qemu-img, or say raw if its bytes are the"
                            + " disk's");
        }
        return ImageFormat.RAW;
    }

    /** The format whose first bytes a file has, of those that are not read here. */
    public static Optional<String> foreignFormat(FileView file) throws IOException {
        ByteBuffer start = ByteBuffer.allocate(16);
        file.read(0, start);
        for (Map.Entry<String, byte[]> foreign : FOREIGN_MAGICS.entrySet()) {
            byte[] magic = foreign.getValue();
            if (start.slice(0, magic.length).equals(ByteBuffer.wrap(magic))) {
                return Optional.of(foreign.getKey());
            }
        }
        return Optional.empty();
    }
}
