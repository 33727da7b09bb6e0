package io.qedstore.export;

import io.qedstore.api.ImageExport;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;

/**
 * A finished copy, for one user of it.
 *
 * @param whenClosed called once the user is done
 */
record KeptExport(Copy copy, ChannelImageFile file, Runnable whenClosed) implements ImageExport {
    private static final int CHUNK_BYTES = 1 << 20;

    /**
     * A copy that lies on the disk.
     *
     * @param sequence of the event up to which it holds the image
     */
    record Copy(
            String tag, String image, boolean exact, Path path, long sequence, long lengthBytes, ByteBuffer sha256) {}

    static KeptExport open(Copy copy, Runnable whenClosed) throws IOException {
        return new KeptExport(copy, ChannelImageFile.open(copy.path(), FileAccess.READ), whenClosed);
    }

    /** The digest of a file's bytes. */
    static ByteBuffer sha256Of(ChannelImageFile file) throws IOException {
        MessageDigest digest;
        try {
            digest = MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
        ByteBuffer chunk = ByteBuffer.allocateDirect(CHUNK_BYTES);
        for (long at = 0; at < file.length(); at += chunk.limit()) {
            chunk.clear().limit((int) Math.min(CHUNK_BYTES, file.length() - at));
            file.read(at, chunk);
            digest.update(chunk.flip());
        }
        return ByteBuffer.wrap(digest.digest());
    }

    @Override
    public String tag() {
        return copy.tag();
    }

    @Override
    public long sequence() {
        return copy.sequence();
    }

    @Override
    public long lengthBytes() {
        return copy.lengthBytes();
    }

    @Override
    public byte[] sha256() {
        return copy.sha256().array().clone();
    }

    @Override
    public List<Extent> extents() throws IOException {
        List<Extent> extents = new ArrayList<>();
        for (long at = file.nextData(0); at < copy.lengthBytes(); ) {
            long end = Math.min(file.nextHole(at), copy.lengthBytes());
            extents.add(new Extent(at, end - at));
            at = file.nextData(end);
        }
        return extents;
    }

    @Override
    public void read(long fileOffset, ByteBuffer into) throws IOException {
        file.read(fileOffset, into);
    }

    @Override
    public void close() throws IOException {
        try {
            file.close();
        } finally {
            whenClosed.run();
        }
    }
}
