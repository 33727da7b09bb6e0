package io.qedstore.qed;

import io.qedstore.qed.check.CheckResult;
import io.qedstore.qed.check.ConsistencyCheck;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.HeaderLayout;
import java.io.IOException;

/** Checks files in which nothing but leaks may be found. */
public final class ImageCheck {
    private static final long BITMAP_LIMIT_BYTES = 1 << 20;

    private ImageCheck() {}

    /** What a check counts; fails at the first finding. */
    public static CheckResult of(ImageFile file) throws IOException {
        return ConsistencyCheck.run(
                file, HeaderReader.read(file, HeaderLayout.FINAL).header(), true, BITMAP_LIMIT_BYTES, finding -> {
                    throw new AssertionError("the check found " + finding);
                });
    }
}
