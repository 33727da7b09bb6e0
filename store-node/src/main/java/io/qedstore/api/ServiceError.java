package io.qedstore.api;

/** What kinds of refusals there are. One class says which HTTP status each has. */
public enum ServiceError {
    /** What was asked for makes no sense. */
    INVALID,
    NOT_FOUND,
    /** It was there, and is not any more. */
    GONE,
    /** Something else is in the way; another was faster. */
    CONFLICT,
    /** Whoever asks may not do that. */
    FORBIDDEN,
    /** The disk is too full, or a limit is reached. */
    NO_ROOM,
    /** The log, or another node, does not answer now. */
    UNAVAILABLE
}
