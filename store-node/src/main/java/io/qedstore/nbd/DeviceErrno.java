package io.qedstore.nbd;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.nbd.wire.NbdErrno;

/** Which error of the protocol a device's failure becomes. */
final class DeviceErrno {
    private DeviceErrno() {}

    static NbdErrno of(Throwable failure) {
        if (failure instanceof BlockDeviceException known) {
            return of(known.error());
        }
        return failure instanceof OutOfMemoryError ? NbdErrno.ENOMEM : NbdErrno.EIO;
    }

    static NbdErrno of(DeviceError error) {
        return switch (error) {
            case IO -> NbdErrno.EIO;
            case NO_SPACE -> NbdErrno.ENOSPC;
            case NO_MEMORY -> NbdErrno.ENOMEM;
            case NOT_SUPPORTED -> NbdErrno.ENOTSUP;
            case READ_ONLY -> NbdErrno.EPERM;
            case SHUTTING_DOWN -> NbdErrno.ESHUTDOWN;
        };
    }
}
