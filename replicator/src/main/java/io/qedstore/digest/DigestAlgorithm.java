package io.qedstore.digest;

import com.dynatrace.hash4j.hashing.ByteAccess;
import com.dynatrace.hash4j.hashing.HashValue128;
import com.dynatrace.hash4j.hashing.Hasher128;
import com.dynatrace.hash4j.hashing.Hashing;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/** How digests are made. The algorithm of an image is named in its first event and stays. */
public enum DigestAlgorithm {
    /** Finds every accident; no protection against somebody who makes two logs of one digest on purpose. */
    XXH3_128 {
        @Override
        public Digest of(byte[] bytes, int from, int lengthBytes) {
            HashValue128 hash = XXH3.hashBytesTo128Bits(bytes, from, lengthBytes);
            return digest(hash);
        }

        @Override
        Digest ofDirect(ByteBuffer bytes) {
            return digest(XXH3.hashBytesTo128Bits(
                    bytes, bytes.position(), bytes.remaining(), ByteAccess.forByteBuffer(bytes.order())));
        }

        private Digest digest(HashValue128 hash) {
            return new Digest(hash.getMostSignificantBits(), hash.getLeastSignificantBits());
        }
    },

    /** The first half of SHA-256: slower by far, and cryptographic. */
    SHA_256 {
        @Override
        public Digest of(byte[] bytes, int from, int lengthBytes) {
            MessageDigest sha = newSha256();
            sha.update(bytes, from, lengthBytes);
            return Digest.read(ByteBuffer.wrap(sha.digest()));
        }
    };

    private static final Hasher128 XXH3 = Hashing.xxh3_128();

    /** The digest of {@code bytes[from, from + lengthBytes)}. */
    public abstract Digest of(byte[] bytes, int from, int lengthBytes);

    public Digest of(byte[] bytes) {
        return of(bytes, 0, bytes.length);
    }

    /** The digest of what remains in a buffer, whose position stays. */
    public Digest of(ByteBuffer bytes) {
        if (bytes.hasArray()) {
            return of(bytes.array(), bytes.arrayOffset() + bytes.position(), bytes.remaining());
        }
        return ofDirect(bytes);
    }

    Digest ofDirect(ByteBuffer bytes) {
        byte[] copy = new byte[bytes.remaining()];
        bytes.duplicate().get(copy);
        return of(copy);
    }

    private static MessageDigest newSha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
