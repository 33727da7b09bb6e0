package io.qedstore.nbd.wire;

/** An option's data contradict themselves; the client is told so and may go on. */
public final class MalformedOptionException extends Exception {
    private static final long serialVersionUID = 1L;

    public MalformedOptionException(String message) {
        super(message);
    }
}
