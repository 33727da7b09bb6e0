package io.qedstore.nbd;

/**
 * Hears whether anybody writes to an export. Told one thing at a time, in order, by threads that have others to serve: its methods
 * must return at once, and let nobody in or out.
 */
public interface AttachmentListener {
    /** Does not care. */
    AttachmentListener NONE = new AttachmentListener() {
        @Override
        public void firstCame(NbdClient client) {}

        @Override
        public void lastGone() {}
    };

    /** There is a client that may write, and there was none. It has not asked for anything yet. */
    void firstCame(NbdClient client);

    /** There is none any more, and all that those before have asked for has taken effect or never will. */
    void lastGone();
}
