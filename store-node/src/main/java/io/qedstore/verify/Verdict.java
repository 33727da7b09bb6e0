package io.qedstore.verify;

/** What came of a verification. */
public enum Verdict {
    /** It is under way. */
    RUNNING,
    /** All is as it should be. */
    OK,
    /** Something is not what it should be. */
    DIFFERS,
    /** It could not be found out. */
    UNVERIFIED
}
