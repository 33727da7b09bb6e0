package io.qedstore.cli.api;

import java.net.HttpURLConnection;

/** The node has answered that it does not do it. */
public final class RefusedException extends ApiException {
    private static final long serialVersionUID = 1L;

    private final int status;

    RefusedException(int status, String message) {
        super(message);
        this.status = status;
    }

    public boolean isNotFound() {
        return status == HttpURLConnection.HTTP_NOT_FOUND;
    }

    /** Whether what was there before is not there any more, in the state that was asked for. */
    public boolean isGone() {
        return status == HttpURLConnection.HTTP_GONE || status == HttpURLConnection.HTTP_PRECON_FAILED;
    }

    /** Whether what was sent has arrived as something else. */
    public boolean isDamagedOnTheWay() {
        return status == HttpURLConnection.HTTP_PRECON_FAILED;
    }

    /** Whether it may be done a little later. */
    public boolean isTemporary() {
        return status == HttpURLConnection.HTTP_UNAVAILABLE
                || status == HttpURLConnection.HTTP_BAD_GATEWAY
                || status == HttpURLConnection.HTTP_GATEWAY_TIMEOUT;
    }
}
