package io.qedstore.qed;

import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.FaultyImageFile;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.util.List;
import java.util.Random;

/** Files whose writer died between two changes, or in the middle of one. */
final class HalfApplied {
    private HalfApplied() {}

    /** The file after {@code whole} changes and perhaps a part of the next one, cut at a sector. */
    static MemoryImageFile file(List<QedChange> changes, int whole, Random random) throws IOException {
        MemoryImageFile file = new MemoryImageFile();
        applyAll(changes.subList(0, whole), file);
        if (whole < changes.size() && random.nextBoolean()) {
            FaultyImageFile dying = new FaultyImageFile(file);
            dying.failAfter(random.nextInt(2), FaultyImageFile.Done.HALF);
            try {
                changes.get(whole).applyTo(dying);
            } catch (IOException e) {
                return file;
            }
        }
        return file;
    }

    static void applyAll(List<QedChange> changes, MemoryImageFile file) throws IOException {
        for (QedChange change : changes) {
            change.applyTo(file);
        }
    }
}
