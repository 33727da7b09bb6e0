package io.qedstore.device.file;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.qed.format.Errno;
import io.qedstore.qed.format.QedFormatException;
import java.io.IOException;

/** Says of what kind a failure of an image file is. */
final class DeviceErrors {
    private DeviceErrors() {}

    static IOException describe(Exception e) {
        if (e instanceof BlockDeviceException known) {
            return known;
        }
        if (e instanceof QedFormatException format) {
            DeviceError error =
                    switch (format.errno()) {
                        case EFBIG, ENOSPC -> DeviceError.NO_SPACE;
                        case ENOTSUP -> DeviceError.NOT_SUPPORTED;
                        case EINVAL -> DeviceError.IO;
                    };
            return new BlockDeviceException(error, String.valueOf(e.getMessage()), e);
        }
        return isOutOfSpace(String.valueOf(e.getMessage()))
                ? new BlockDeviceException(DeviceError.NO_SPACE, String.valueOf(e.getMessage()), e)
                : new BlockDeviceException(DeviceError.IO, String.valueOf(e.getMessage()), e);
    }

    /** Java tells errors of the file system apart by the C library's text alone. */
    private static boolean isOutOfSpace(String message) {
        return message.contains("No space left on device")
                || message.contains("Disk quota exceeded")
                || message.contains(Errno.EFBIG.text());
    }
}
