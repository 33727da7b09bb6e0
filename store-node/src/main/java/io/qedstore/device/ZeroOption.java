package io.qedstore.device;

/** What a zero write is asked for besides zeros. */
public enum ZeroOption {
    /** The range keeps or gets its space, so that later writes there cannot fail for want of it. */
    NO_HOLE,
    /**
     * Refuse with {@link DeviceError#NOT_SUPPORTED}, at once and with the content as it was, unless this is surely faster
     * than writing zeros.
     */
    FAST_ZERO
}
