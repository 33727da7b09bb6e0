package io.qedstore.api;

import java.util.Optional;

/**
 * How the verification of an image's log stands.
 *
 * @param state {@code running}, {@code ok}, {@code differs} or {@code unverified}
 * @param detail why it is not ok
 * @param from the event behind which its chain was followed; 0 for its beginning
 * @param sequence of the last event of the chain, so far
 * @param digest of that event's record; empty before the first
 * @param doneRecords how many were read
 * @param totalRecords how many there are, about
 * @param voidRecords how many of those that were read do not count
 * @param contentDigests how many events say what the file contained
 */
public record LogVerification(
        String state,
        Optional<String> detail,
        long from,
        long sequence,
        Optional<String> digest,
        long doneRecords,
        long totalRecords,
        long voidRecords,
        long contentDigests) {}
