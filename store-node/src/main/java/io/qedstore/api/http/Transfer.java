package io.qedstore.api.http;

import java.io.IOException;
import java.io.OutputStream;
import java.time.Duration;
import java.util.concurrent.Future;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Sends bytes to a client, piece by piece. Whoever takes too long for a piece, the client or the source, has the whole transfer
 * given up: without that, one that takes a byte now and then would hold a thread for ever.
 */
final class Transfer {
    static final int PIECE_BYTES = 64 << 10;

    private final ScheduledExecutorService clock;
    private final Duration pieceTimeout;

    /** @param clock looks after all transfers; it does nothing that waits */
    Transfer(ScheduledExecutorService clock, Duration pieceTimeout) {
        this.clock = clock;
        this.pieceTimeout = pieceTimeout;
    }

    /** Where the bytes come from. */
    @FunctionalInterface
    interface Source {
        /** Puts up to {@link #PIECE_BYTES} at the begin of the array, and says how many; 0 or less at the end. */
        int next(byte[] piece) throws IOException;
    }

    /**
     * Returns once all has been handed to the HTTP library.
     *
     * @param giveUp makes whoever waits for client or source fail
     * @throws ClientGoneException if the client does not take it; any other {@link IOException} comes from the source
     */
    void run(Source source, OutputStream client, Runnable giveUp) throws IOException {
        AtomicBoolean moved = new AtomicBoolean();
        long periodMs = pieceTimeout.toMillis();
        Future<?> watch = clock.scheduleWithFixedDelay(
                () -> {
                    if (!moved.getAndSet(false)) {
                        giveUp.run();
                    }
                },
                periodMs,
                periodMs,
                TimeUnit.MILLISECONDS);
        try {
            byte[] piece = new byte[PIECE_BYTES];
            for (int length = source.next(piece); length > 0; length = source.next(piece)) {
                try {
                    client.write(piece, 0, length);
                } catch (IOException e) {
                    throw new ClientGoneException(e);
                }
                moved.set(true);
            }
        } finally {
            watch.cancel(false);
        }
    }

    /** Nobody is there any more to be answered. */
    static final class ClientGoneException extends IOException {
        private static final long serialVersionUID = 1;

        ClientGoneException(IOException cause) {
            super("the client has gone away", cause);
        }
    }
}
