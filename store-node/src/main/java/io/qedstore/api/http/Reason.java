package io.qedstore.api.http;

/** Why something failed, in words: not every exception of the network has some. */
final class Reason {
    private Reason() {}

    static String of(Throwable error) {
        if (error.getMessage() != null) {
            return error.getMessage();
        }
        return error.getCause() == null || error.getCause() == error
                ? error.getClass().getSimpleName()
                : of(error.getCause());
    }
}
