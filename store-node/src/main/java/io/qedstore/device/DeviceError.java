package io.qedstore.device;

/** What kind of failure it was, where the one who asked can make something of that. */
public enum DeviceError {
    /** The disk, or what is behind it, failed. */
    IO,
    /** There is no space left to put the bytes. */
    NO_SPACE,
    /** There is no memory left to work with. */
    NO_MEMORY,
    /** The device cannot do this. */
    NOT_SUPPORTED,
    /** The device is for reading only. */
    READ_ONLY,
    /** The device is being closed. */
    SHUTTING_DOWN
}
