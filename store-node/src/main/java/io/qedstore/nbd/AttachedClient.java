package io.qedstore.nbd;

import java.time.Instant;

/**
 * A client that may write to an export now.
 *
 * @param name of its first connection: {@code 127.0.0.1:40112}, its certificate's subject, {@code process 4711 of user 0}
 * @param since when that came
 * @param connections that it has now
 */
public record AttachedClient(String name, Instant since, int connections) {
    AttachedClient withConnections(int count) {
        return new AttachedClient(name, since, count);
    }
}
