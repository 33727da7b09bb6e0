package io.qedstore.device.image;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.device.ZeroOption;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;

/** What a zero write comes to in an image: zero clusters where it can be, zeros as data where the range is to keep its space. */
public record ZeroRequest(long guestOffset, long lengthBytes, Set<ZeroOption> options) {
    private static final int CHUNK_BYTES = 512 << 10;

    /** The same bytes for all: nobody writes to them. */
    private static final ByteBuffer ZEROS =
            ByteBuffer.allocateDirect(CHUNK_BYTES).asReadOnlyBuffer();

    /** Writes a piece of a range as data. */
    @FunctionalInterface
    public interface Writing {
        void write(long guestOffset, ByteBuffer zeros) throws IOException;
    }

    /** Whether every byte has to be written. */
    public boolean isData() {
        return options.contains(ZeroOption.NO_HOLE);
    }

    /** Why it cannot be as fast as it has to be; empty if it can, or does not have to. */
    public Optional<IOException> slow(int clusterBytes) {
        boolean slow = options.contains(ZeroOption.FAST_ZERO) && (isData() || !holdsWholeCluster(clusterBytes));
        return slow
                ? Optional.of(new BlockDeviceException(
                        DeviceError.NOT_SUPPORTED, "zeroing this range takes as long as writing zeros would"))
                : Optional.empty();
    }

    private boolean holdsWholeCluster(int clusterBytes) {
        long firstWhole = (guestOffset + clusterBytes - 1) & -clusterBytes;
        return firstWhole + clusterBytes <= guestOffset + lengthBytes;
    }

    /** Writes it as data, piece by piece. */
    public void writeAsData(Writing writing) throws IOException {
        for (long done = 0; done < lengthBytes; done += CHUNK_BYTES) {
            int piece = (int) Math.min(lengthBytes - done, CHUNK_BYTES);
            writing.write(guestOffset + done, ZEROS.slice(0, piece));
        }
    }
}
