package io.qedstore.api;

/** Another node has to be asked. */
public final class NotHereException extends ServiceException {
    private static final long serialVersionUID = 1;

    private final String node;

    /** @param node that does it */
    public NotHereException(String node, String message) {
        super(ServiceError.UNAVAILABLE, message);
        this.node = node;
    }

    public String node() {
        return node;
    }
}
