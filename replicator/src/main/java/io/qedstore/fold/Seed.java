package io.qedstore.fold;

/**
 * A copy that is being made.
 *
 * @param from the place all of whose events it has, as far as it goes
 * @param to the place behind which no event has left anything in it
 * @param next in the source's file, from where on nothing is copied yet
 * @param lengthBytes of the source's file, when it was last looked at
 */
public record Seed(FoldState from, FoldState to, long next, long lengthBytes) {
    public Seed {
        if (next < 0 || next > lengthBytes) {
            throw new IllegalArgumentException("a copy up to " + next + " of " + lengthBytes + " bytes");
        }
        if (from.sequence().compareTo(to.sequence()) > 0) {
            throw new IllegalArgumentException("a copy from event " + from.sequence() + " to " + to.sequence());
        }
    }

    /** Whether all is copied. */
    public boolean isWhole() {
        return next == lengthBytes;
    }

    /** With another part, which may come from another copy. */
    public Seed with(FoldState partFrom, FoldState partTo, long nextThen, long lengthThen) {
        return new Seed(
                partFrom.sequence().compareTo(from.sequence()) < 0 ? partFrom : from,
                partTo.sequence().compareTo(to.sequence()) > 0 ? partTo : to,
                nextThen,
                lengthThen);
    }
}
