package io.qedstore.qed.format;

/**
 * Bits of the header's feature words. Unknown bits of {@code features} forbid opening, those of {@code compat_features}
 * are kept and ignored, those of {@code autoclear_features} are cleared when the image is opened for writing.
 */
public final class FeatureBits {
    /** The backing file name in the header is valid. */
    public static final long BACKING_FILE = 0x01;

    /** Dirty: tables may be inconsistent, check before use. */
    public static final long NEED_CHECK = 0x02;

    /** The backing file is raw, whatever it looks like. Means nothing without {@link #BACKING_FILE}. */
    public static final long BACKING_FORMAT_NO_PROBE = 0x04;

    /** Every bit of {@code features} that is defined. */
    public static final long KNOWN = BACKING_FILE | NEED_CHECK | BACKING_FORMAT_NO_PROBE;

    private FeatureBits() {}
}
