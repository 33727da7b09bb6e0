package io.qedstore.imports;

import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;

/** QED files in memory. */
final class TestFiles {
    private TestFiles() {}

    /** One with some writes of random bytes in it. */
    static MemoryImageFile written(ImageGeometry geometry, long sizeBytes, Random random) throws IOException {
        return written(new NewImage(geometry, sizeBytes), random);
    }

    static MemoryImageFile written(NewImage made, Random random) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        made.createIn(file, HeaderLayout.FINAL);
        PlainImage image = PlainImage.open("test", file, null, 1 << 20);
        for (int i = 0; i < 20; i++) {
            byte[] data = new byte[512 * (1 + random.nextInt(100))];
            random.nextBytes(data);
            long sectors = (made.imageSizeBytes() - data.length) / 512;
            image.write(random.nextLong(sectors) * 512, ByteBuffer.wrap(data));
        }
        image.flush();
        return file;
    }

    static byte[] bytes(MemoryImageFile file) throws IOException {
        ByteBuffer all = ByteBuffer.allocate(Math.toIntExact(file.length()));
        file.read(0, all);
        return all.array();
    }
}
