package io.qedstore.backing;

import io.qedstore.content.BadBlockException;
import io.qedstore.content.DifferingBlockException;
import io.qedstore.content.VerifiedView;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.util.Optional;
import java.util.function.Consumer;

/** The bytes of a base, wherever they lie now. What is read is right: a block that differs is restored first. */
final class BaseView implements FileView {
    /** Where the bytes lie now. */
    @FunctionalInterface
    interface Where {
        /** @throws IOException if nowhere any more */
        StoredBase get() throws IOException;
    }

    private final Where stored;
    private final boolean verifies;
    private final Consumer<IOException> damaged;
    private final long lengthBytes;

    /**
     * @param stored it may be made anew, with the same bytes
     * @param verifies whether what is read is compared with what is known
     * @param damaged told if a block is lost
     */
    BaseView(Where stored, boolean verifies, Consumer<IOException> damaged) throws IOException {
        this.stored = stored;
        this.verifies = verifies;
        this.damaged = damaged;
        this.lengthBytes = stored.get().file().length();
    }

    private FileView view() throws IOException {
        StoredBase now = stored.get();
        return verifies ? new VerifiedView(now.blocks()) : now.file();
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        int from = target.position();
        while (true) {
            StoredBase now = stored.get();
            try {
                target.position(from);
                view().read(fileOffset, target);
                return;
            } catch (DifferingBlockException e) {
                restore(now, e.block());
            }
        }
    }

    private void restore(StoredBase of, long block) throws IOException {
        try {
            of.restore(block);
        } catch (BadBlockException e) {
            damaged.accept(e);
            throw e;
        }
    }

    @Override
    public boolean readIfCached(long fileOffset, ByteBuffer target) throws IOException {
        return view().readIfCached(fileOffset, target);
    }

    @Override
    public long length() {
        return lengthBytes;
    }

    @Override
    public long nextData(long fileOffset) throws IOException {
        return view().nextData(fileOffset);
    }

    @Override
    public long nextHole(long fileOffset) throws IOException {
        return view().nextHole(fileOffset);
    }

    @Override
    public boolean isCached(long fileOffset, long lengthBytes) throws IOException {
        return view().isCached(fileOffset, lengthBytes);
    }

    @Override
    public void prefetch(long fileOffset, long lengthBytes) throws IOException {
        view().prefetch(fileOffset, lengthBytes);
    }

    @Override
    public Optional<FileChannel> sendableFile() {
        try {
            return view().sendableFile();
        } catch (IOException e) {
            return Optional.empty(); // reading says why
        }
    }
}
