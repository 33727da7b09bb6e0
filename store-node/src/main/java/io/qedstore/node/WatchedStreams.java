package io.qedstore.node;

import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;

/** Streams from other nodes, which are closed if nothing comes for too long: nothing else would wake whoever waits for a lost host. */
final class WatchedStreams {
    private final Duration patience;
    private final LongSupplier nanos;
    private final Set<Watched> open = ConcurrentHashMap.newKeySet();

    WatchedStreams(Duration patience, LongSupplier nanos) {
        this.patience = patience;
        this.nanos = nanos;
    }

    InputStream watch(InputStream stream) {
        Watched watched = new Watched(stream);
        open.add(watched);
        return watched;
    }

    /** To be called every now and then. */
    void tick() {
        open.stream().filter(Watched::isLate).forEach(Watched::give);
    }

    private final class Watched extends FilterInputStream {
        private volatile long waitsSinceNanos;
        private volatile boolean waits;

        Watched(InputStream stream) {
            super(stream);
        }

        boolean isLate() {
            return waits && nanos.getAsLong() - waitsSinceNanos > patience.toNanos();
        }

        /** Whoever waits gets an error. */
        void give() {
            try {
                close();
            } catch (IOException e) {
                open.remove(this); // it is closed as far as it can be
            }
        }

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int from, int length) throws IOException {
            waitsSinceNanos = nanos.getAsLong();
            waits = true;
            try {
                return super.read(target, from, length);
            } finally {
                waits = false;
            }
        }

        @Override
        public void close() throws IOException {
            open.remove(this);
            super.close();
        }
    }
}
