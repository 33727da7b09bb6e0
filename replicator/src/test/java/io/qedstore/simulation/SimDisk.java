package io.qedstore.simulation;

import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.PowerCutImageFile;
import java.io.IOException;
import java.nio.ByteBuffer;

/** A node's disk, that fails now and then: a write halfway, a sync with nothing certain behind it. */
final class SimDisk implements ImageFile {
    private final PowerCutImageFile file;
    private final SimScheduler scheduler;
    private final Simulation simulation;

    SimDisk(PowerCutImageFile file, SimScheduler scheduler, Simulation simulation) {
        this.file = file;
        this.scheduler = scheduler;
        this.simulation = simulation;
    }

    @Override
    public void write(long fileOffset, ByteBuffer source) throws IOException {
        if (simulation.diskFails()) {
            file.write(fileOffset, source.slice(source.position(), scheduler.random.nextInt(source.remaining() + 1)));
            throw new IOException("Input/output error");
        }
        file.write(fileOffset, source);
    }

    @Override
    public void zero(long fileOffset, long lengthBytes) throws IOException {
        mayFail();
        file.zero(fileOffset, lengthBytes);
    }

    @Override
    public void setLength(long lengthBytes) throws IOException {
        mayFail();
        file.setLength(lengthBytes);
    }

    @Override
    public void sync() throws IOException {
        mayFail();
        file.sync();
    }

    private void mayFail() throws IOException {
        if (simulation.diskFails()) {
            throw new IOException("Input/output error");
        }
    }

    @Override
    public void read(long fileOffset, ByteBuffer target) {
        file.read(fileOffset, target);
    }

    @Override
    public long length() {
        return file.length();
    }

    @Override
    public long nextData(long fileOffset) {
        return file.nextData(fileOffset);
    }

    @Override
    public long nextHole(long fileOffset) {
        return file.nextHole(fileOffset);
    }

    @Override
    public void close() {}
}
