package io.qedstore.cli.api;

/** No answer came, or it broke off: another try may bring one. */
public final class NoAnswerException extends ApiException {
    private static final long serialVersionUID = 1L;

    NoAnswerException(String message, Throwable cause) {
        super(message, cause);
    }
}
