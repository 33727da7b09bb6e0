package io.qedstore.qed.bench;

import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import io.qedstore.qed.format.QedHeader;
import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;

/** A file with a fresh image in it, in a temporary folder of its own; gone when closed. */
final class BenchedImage implements Closeable {
    private final Path folder;
    private final ChannelImageFile file;

    BenchedImage(ImageGeometry geometry, long imageSizeBytes) throws IOException {
        this.folder = Files.createTempDirectory("qedstore-bench");
        this.file = ChannelImageFile.createOrOpen(folder.resolve("bench.qed"));
        new NewImage(geometry, imageSizeBytes).createIn(file, HeaderLayout.FINAL);
    }

    ChannelImageFile file() {
        return file;
    }

    QedHeader header() throws IOException {
        return HeaderReader.read(file, HeaderLayout.FINAL).header();
    }

    /** Maps the whole image to clusters that are holes in the file, so that it costs hardly any disk. */
    void mapAll() throws IOException {
        QedHeader header = header();
        ImageGeometry geometry = header.geometry();
        long at = file.length();
        long left = geometry.clustersFor(header.imageSize());
        for (int l1Index = 0; left > 0; l1Index++) {
            int clusters = (int) Math.min(left, geometry.entriesPerTable());
            long table = at;
            at += geometry.tableBytes();
            EntryRun entries = new EntryRun(clusters, at, geometry.clusterSize());
            at += (long) clusters * geometry.clusterSize();
            new QedChange.L2TableWritten(table, geometry.tableBytes(), 0, entries).applyTo(file);
            new QedChange.L1EntrySet(header.l1TableOffset() + 8L * l1Index, table).applyTo(file);
            left -= clusters;
        }
        file.setLength(at);
    }

    /** Bytes outside the heap that are not zeros. */
    static ByteBuffer data(int bytes) {
        ByteBuffer data = ByteBuffer.allocateDirect(bytes);
        while (data.hasRemaining()) {
            data.put((byte) (data.position() | 1));
        }
        return data.flip();
    }

    @Override
    public void close() throws IOException {
        file.close();
        Files.deleteIfExists(file.path());
        Files.deleteIfExists(folder);
    }
}
