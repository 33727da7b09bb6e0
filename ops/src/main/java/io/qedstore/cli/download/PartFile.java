package io.qedstore.cli.download;

import io.qedstore.cli.api.ExportForm;
import io.qedstore.cli.api.ImageExtents;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.Optional;

/**
 * A file on its way: {@code TARGET.part}, which is written in order, so that its length says how far it is, and
 * {@code TARGET.part.json}, which says of what. After a crash of the machine the length may promise more than there is; the
 * digest of the finished file finds that out. One thread uses it, and the file's lock keeps other processes away.
 */
final class PartFile implements Closeable {
    private static final int READ_BYTES = 1 << 20;

    private final Path target;
    private final Path statePath;
    private final String image;
    private final ExportForm form;
    private final ChannelImageFile part;
    private final boolean created;

    private PartFile(
            Path target, Path statePath, String image, ExportForm form, ChannelImageFile part, boolean created) {
        this.target = target;
        this.statePath = statePath;
        this.image = image;
        this.form = form;
        this.part = part;
        this.created = created;
    }

    /** Opens what there is of a file, or begins an empty one. */
    static PartFile open(Path target, String image, ExportForm form) throws IOException {
        Path partPath = target.resolveSibling(target.getFileName() + ".part");
        Path statePath = target.resolveSibling(target.getFileName() + ".part.json");
        boolean created = !Files.exists(partPath, LinkOption.NOFOLLOW_LINKS);
        return new PartFile(target, statePath, image, form, ChannelImageFile.createOrOpen(partPath), created);
    }

    /**
     * What an earlier download has begun; empty if none has.
     *
     * @throws IOException if what is there belongs to something else
     */
    Optional<ImageExtents> begun() throws IOException {
        if (!Files.exists(statePath)) {
            if (part.length() > 0) {
                throw new IOException("'" + part.path() + "' is in the way: it holds " + part.length()
                        + " bytes, and no '" + statePath
                        + "' says that they are of a download; move it away, or choose another file");
            }
            return Optional.empty();
        }
        PartState state = PartState.read(statePath);
        if (!state.image().equals(image) || state.form() != form) {
            throw new IOException(
                    "'" + part.path() + "' is of another download: found " + said(state.image(), state.form())
                            + ", expected " + said(image, form) + "; move it and '" + statePath
                            + "' away, or choose another file");
        }
        return part.length() == 0 ? Optional.empty() : Optional.of(state.file());
    }

    private static String said(String image, ExportForm form) {
        return "image '" + image + "' in the form " + form.word();
    }

    /** Forgets what is there, for another file's sake. */
    void begin(ImageExtents file) throws IOException {
        part.setLength(0);
        new PartState(image, form, file).write(statePath);
    }

    /** Up to where the file is there. */
    long lengthBytes() {
        return part.length();
    }

    void write(long fileOffset, ByteBuffer bytes) throws IOException {
        part.write(fileOffset, bytes);
    }

    /** Everything is written; what is missing at the end is a hole. */
    void complete(long lengthBytes) throws IOException {
        part.setLength(lengthBytes);
    }

    /** The digest of the file as it is read back; holes are not read. */
    String sha256(ExportWatcher watcher) throws IOException {
        MessageDigest digest = sha256();
        ByteBuffer buffer = ByteBuffer.allocate(READ_BYTES);
        byte[] zeros = new byte[READ_BYTES];
        long length = part.length();
        long data = 0;
        long dataEnd = 0;
        for (long at = 0; at < length; watcher.verified(at, length)) {
            if (at == dataEnd) {
                data = part.nextData(at);
                dataEnd = data < length ? part.nextHole(data) : length;
            }
            if (at < data) {
                int count = (int) Math.min(zeros.length, Math.min(data, length) - at);
                digest.update(zeros, 0, count);
                at += count;
            } else {
                buffer.clear().limit((int) Math.min(buffer.capacity(), dataEnd - at));
                part.read(at, buffer);
                digest.update(buffer.flip());
                at += buffer.limit();
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /**
     * Gives the file its name. It is on the disk for certain when this returns.
     *
     * @param replace whether a file that has the name already goes
     */
    void moveInPlace(boolean replace) throws IOException {
        part.sync();
        requireFree(target, replace);
        DurableFile.rename(part.path(), target);
        Files.delete(statePath);
    }

    /** @throws FileSystemException if a file may not be put there */
    static void requireFree(Path target, boolean replace) throws FileSystemException {
        if (Files.isDirectory(target)) {
            throw new FileSystemException(target.toString(), null, "it is a folder; expected the name of a file");
        }
        if (!replace && Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
            throw new FileAlreadyExistsException(
                    target.toString(), null, "the file exists; name another, or replace it with --force");
        }
    }

    /** What is there stays, unless it is nothing. */
    @Override
    public void close() throws IOException {
        if (created && part.length() == 0 && !Files.exists(statePath)) {
            Files.deleteIfExists(part.path());
        }
        part.close();
    }
}
