package io.qedstore.content;

import io.qedstore.digest.Digest;

/** A sum of block digests, modulo 2^128: the order of the blocks, and of the writes to them, means nothing. Not thread-safe. */
final class ContentSum {
    private long high;
    private long low;

    ContentSum(Digest value) {
        this.high = value.high();
        this.low = value.low();
    }

    /** One block has another digest now. */
    void replace(Digest before, Digest after) {
        add(after);
        subtract(before);
    }

    void add(Digest digest) {
        long sum = low + digest.low();
        high += digest.high() + (Long.compareUnsigned(sum, low) < 0 ? 1 : 0);
        low = sum;
    }

    private void subtract(Digest digest) {
        long borrow = Long.compareUnsigned(low, digest.low()) < 0 ? 1 : 0;
        low -= digest.low();
        high -= digest.high() + borrow;
    }

    Digest value() {
        return new Digest(high, low);
    }
}
