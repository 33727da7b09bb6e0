package io.qedstore.fold;

import io.qedstore.content.DifferingBlockException;
import io.qedstore.content.KnownBlocks;
import io.qedstore.content.VerifiedView;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.concurrent.locks.Lock;

/** A followed file, of which what is read is right: what is damaged is restored. */
final class SettledView implements FileView {
    private final FoldedFile followed;
    private final FileView file;

    SettledView(FoldedFile followed, FileView file) {
        this.followed = followed;
        this.file = file;
    }

    private FileView view() {
        Optional<KnownBlocks> known = followed.blocks();
        return known.isPresent() ? new VerifiedView(known.get()) : file;
    }

    /** Hardly ever is a block changed while it is read; then nothing may be applied while that is done again. */
    @Override
    public void read(long fileOffset, ByteBuffer target) throws IOException {
        FileView view = view();
        ByteBuffer into = target.duplicate();
        try {
            view.read(fileOffset, target);
            return;
        } catch (DifferingBlockException e) {
            followed.settle(e.block());
        }
        Lock content = followed.content();
        while (true) {
            DifferingBlockException differing;
            content.lock();
            try {
                target.position(into.position());
                view.read(fileOffset, target);
                return;
            } catch (DifferingBlockException e) {
                differing = e;
            } finally {
                content.unlock();
            }
            followed.settle(differing.block());
        }
    }

    @Override
    public boolean readIfCached(long fileOffset, ByteBuffer target) throws IOException {
        return view().readIfCached(fileOffset, target);
    }

    @Override
    public long length() {
        return file.length();
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
        return file.isCached(fileOffset, lengthBytes);
    }

    @Override
    public void prefetch(long fileOffset, long lengthBytes) throws IOException {
        file.prefetch(fileOffset, lengthBytes);
    }
}
