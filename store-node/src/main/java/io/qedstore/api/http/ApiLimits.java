package io.qedstore.api.http;

import java.time.Duration;

/**
 * What clients may take. Where requests or downloads are used up, others are answered with 503; where connections are, they wait
 * to be accepted.
 *
 * @param bodyBytes of a request
 * @param headerBytes of a request, with its first line
 * @param requests that are worked on at a time, each by one thread
 * @param waitingRequests that wait for their turn at a time
 * @param turnTimeout for how long one does
 * @param downloads at a time; less than requests, so that slow ones leave room
 * @param idle after which a connection that moves nothing, or that has had no whole request, is closed
 * @param pieceTimeout in which a client has to take 64 KiB of a download
 * @param bodyTimeout in which a client has to send a request's body
 */
public record ApiLimits(
        int bodyBytes,
        int headerBytes,
        int connections,
        int requests,
        int waitingRequests,
        Duration turnTimeout,
        int downloads,
        Duration idle,
        Duration pieceTimeout,
        Duration bodyTimeout) {
    public ApiLimits {
        if (downloads >= requests) {
            throw new IllegalArgumentException("downloads may be " + downloads + " of " + requests
                    + " requests at a time, expected fewer, so that others get their turn");
        }
    }

    public static ApiLimits standard() {
        return new ApiLimits(
                1 << 20,
                16 << 10,
                1024,
                64,
                256,
                Duration.ofSeconds(10),
                24,
                Duration.ofSeconds(30),
                Duration.ofSeconds(30),
                Duration.ofSeconds(30));
    }
}
