package io.qedstore.nbd.wire;

/** The errors that may go over the wire; their numbers are Linux' on every machine. */
public enum NbdErrno {
    EPERM(1),
    EIO(5),
    ENOMEM(12),
    EINVAL(22),
    ENOSPC(28),
    EOVERFLOW(75),
    ENOTSUP(95),
    ESHUTDOWN(108);

    private final int code;

    NbdErrno(int code) {
        this.code = code;
    }

    public int code() {
        return code;
    }
}
