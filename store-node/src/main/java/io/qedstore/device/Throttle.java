package io.qedstore.device;

/**
 * Holds requests back where a device takes only so many in a second. Whoever has requests carried out asks it before each
 * read, write, zero write, trim and cache request, and for a long range that is gone through in steps before each step; nobody
 * asks for flushes and questions about what a range holds. The device itself does not look at it again. Safe for many
 * threads.
 */
public interface Throttle {
    /** Holds nobody back. */
    Throttle OPEN = new Throttle() {
        @Override
        public boolean tryBegin(long lengthBytes) {
            return true;
        }

        @Override
        public void begin(long lengthBytes, Runnable turn) {
            turn.run();
        }

        @Override
        public void withdraw(Runnable turn) {}
    };

    /**
     * Lets a request over so many bytes begin at once, if it may: then it has been counted. It may not while others wait, so
     * nobody is overtaken.
     */
    boolean tryBegin(long lengthBytes);

    /**
     * Lets a request begin behind all that wait already. No thread waits for it.
     *
     * @param turn run once, by any thread, perhaps before this returns, when the request may begin and has been counted. Must
     *     return at once. The same object is given to {@link #withdraw}
     */
    void begin(long lengthBytes, Runnable turn);

    /** Forgets a request that waits, without counting it; nothing if its turn has come. */
    void withdraw(Runnable turn);
}
