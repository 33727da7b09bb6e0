package io.qedstore.route;

import java.time.Duration;

/**
 * How long things may take.
 *
 * @param patience how long a client that connects waits for the image to be served
 * @param timeout how long a request may wait for a place; zero: for ever
 * @param firstPause before a place is tried again; each further one is twice as long
 * @param longestPause of these
 */
public record RouteSettings(Duration patience, Duration timeout, Duration firstPause, Duration longestPause) {
    public static final RouteSettings DEFAULT =
            new RouteSettings(Duration.ofSeconds(20), Duration.ZERO, Duration.ofMillis(10), Duration.ofMillis(500));

    public RouteSettings withTimeout(Duration limit) {
        return new RouteSettings(patience, limit, firstPause, longestPause);
    }

    /** @param failures one after another until now, at least 1 */
    Duration pause(int failures) {
        Duration pause = firstPause.multipliedBy(1L << Math.min(failures - 1, 16));
        return pause.compareTo(longestPause) < 0 ? pause : longestPause;
    }
}
