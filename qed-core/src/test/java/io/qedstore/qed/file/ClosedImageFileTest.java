package io.qedstore.qed.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedChannelException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A closed file leaves alone what was opened after it, which may have got its descriptor. */
class ClosedImageFileTest {
    private static final int BYTES = 64 << 10;

    @Test
    void closing_twice_closes_no_other_file(@TempDir Path folder) throws IOException {
        ChannelImageFile closed = ChannelImageFile.createOrOpen(folder.resolve("closed"));
        closed.close();
        try (ChannelImageFile later = ChannelImageFile.createOrOpen(folder.resolve("later"))) {
            closed.close();

            later.setLength(BYTES);
            assertThat(later.length()).isEqualTo(BYTES);
        }
    }

    @Test
    void a_closed_file_refuses_and_changes_no_other_file(@TempDir Path folder) throws IOException {
        ChannelImageFile closed = ChannelImageFile.createOrOpen(folder.resolve("closed"));
        closed.write(0, ones());
        closed.close();
        try (ChannelImageFile later = ChannelImageFile.createOrOpen(folder.resolve("later"))) {
            later.write(0, ones());

            assertThatThrownBy(() -> closed.zero(0, BYTES)).isInstanceOf(ClosedChannelException.class);
            assertThatThrownBy(() -> closed.setLength(1)).isInstanceOf(ClosedChannelException.class);

            ByteBuffer read = ByteBuffer.allocate(BYTES);
            later.read(0, read);
            assertThat(read.flip()).isEqualTo(ones());
        }
    }

    private static ByteBuffer ones() {
        ByteBuffer ones = ByteBuffer.allocate(BYTES);
        while (ones.hasRemaining()) {
            ones.put((byte) 1);
        }
        return ones.flip();
    }
}
