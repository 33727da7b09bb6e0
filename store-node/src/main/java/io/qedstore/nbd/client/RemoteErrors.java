package io.qedstore.nbd.client;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.nbd.wire.NbdErrno;

/** What a server's errors mean for a device. */
final class RemoteErrors {
    private RemoteErrors() {}

    static BlockDeviceException of(int errno, String text) {
        for (NbdErrno known : NbdErrno.values()) {
            if (known.code() == errno) {
                return new BlockDeviceException(meaning(known), text);
            }
        }
        return new BlockDeviceException(DeviceError.IO, text + " (error " + Integer.toUnsignedString(errno) + ")");
    }

    private static DeviceError meaning(NbdErrno errno) {
        return switch (errno) {
            case EPERM -> DeviceError.READ_ONLY;
            case ENOSPC -> DeviceError.NO_SPACE;
            case ENOMEM -> DeviceError.NO_MEMORY;
            case ENOTSUP -> DeviceError.NOT_SUPPORTED;
            case ESHUTDOWN -> DeviceError.SHUTTING_DOWN;
            case EIO, EINVAL, EOVERFLOW -> DeviceError.IO;
        };
    }

    /** Of requests whose server is not there any more. Whether they have happened is not known. */
    static BlockDeviceException gone(String why) {
        return new BlockDeviceException(DeviceError.SHUTTING_DOWN, why);
    }
}
