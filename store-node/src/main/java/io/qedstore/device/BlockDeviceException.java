package io.qedstore.device;

import java.io.IOException;

/** A failure of a known kind. */
public final class BlockDeviceException extends IOException {
    private static final long serialVersionUID = 1L;

    private final DeviceError error;

    public BlockDeviceException(DeviceError error, String message) {
        super(message);
        this.error = error;
    }

    public BlockDeviceException(DeviceError error, String message, Throwable cause) {
        super(message, cause);
        this.error = error;
    }

    public DeviceError error() {
        return error;
    }
}
