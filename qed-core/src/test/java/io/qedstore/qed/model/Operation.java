package io.qedstore.qed.model;

import io.qedstore.qed.PlainImage;
import java.io.IOException;
import java.nio.ByteBuffer;

/** Something that is done to an open image. Offsets and lengths are guest bytes inside the disk. */
public sealed interface Operation {
    /** Does it. {@link Reopen} is for the caller, who has the file. */
    void performOn(PlainImage image) throws IOException;

    /** An operation on a range of guest bytes. */
    sealed interface Ranged extends Operation {
        long guestOffset();

        long lengthBytes();
    }

    /** Each byte follows from the pattern and its place, so that misplaced and mixed bytes show. */
    record Write(long guestOffset, long lengthBytes, byte pattern) implements Ranged {
        public ByteBuffer data() {
            byte[] data = new byte[Math.toIntExact(lengthBytes)];
            for (int i = 0; i < data.length; i++) {
                long at = guestOffset + i;
                data[i] = (byte) (pattern ^ ((at >>> 9) * 37 + (at & 7)));
            }
            return ByteBuffer.wrap(data);
        }

        /** Every other pattern goes the way that needs no waiting, where there is one. */
        @Override
        public void performOn(PlainImage image) throws IOException {
            if (pattern % 2 == 0 || !image.tryWrite(guestOffset, data())) {
                image.write(guestOffset, data());
            }
        }
    }

    record WriteZeroes(long guestOffset, long lengthBytes) implements Ranged {
        @Override
        public void performOn(PlainImage image) throws IOException {
            image.writeZeroes(guestOffset, lengthBytes);
        }
    }

    record Discard(long guestOffset, long lengthBytes) implements Ranged {
        @Override
        public void performOn(PlainImage image) throws IOException {
            image.discard(guestOffset, lengthBytes);
        }
    }

    record Resize(long newSizeBytes) implements Operation {
        @Override
        public void performOn(PlainImage image) throws IOException {
            image.resize(newSizeBytes);
        }
    }

    record Flush() implements Operation {
        @Override
        public void performOn(PlainImage image) throws IOException {
            image.flush();
        }
    }

    record ClearNeedCheck() implements Operation {
        @Override
        public void performOn(PlainImage image) throws IOException {
            image.clearNeedCheck();
        }
    }

    /** The image is closed and opened again. */
    record Reopen() implements Operation {
        @Override
        public void performOn(PlainImage image) {
            throw new UnsupportedOperationException("whoever has the file reopens it");
        }
    }
}
