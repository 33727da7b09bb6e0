package io.qedstore.cli.api;

import java.io.ByteArrayOutputStream;
import java.net.http.HttpResponse.BodySubscriber;
import java.nio.ByteBuffer;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Flow;
import org.jspecify.annotations.Nullable;

/**
 * Takes the body of an answer up to a number of bytes; of a longer one it keeps what came and reads no more. Called by one
 * thread at a time, as {@link Flow.Subscriber} says.
 */
final class CappedBody implements BodySubscriber<CappedBody.Bytes> {
    /** What came. */
    static final class Bytes {
        private final byte[] bytes;
        private final boolean whole;

        private Bytes(byte[] bytes, boolean whole) {
            this.bytes = bytes;
            this.whole = whole;
        }

        /** Not a copy. */
        byte[] bytes() {
            return bytes;
        }

        /** Whether that was all. */
        boolean whole() {
            return whole;
        }
    }

    private final int maxBytes;
    private final ByteArrayOutputStream taken = new ByteArrayOutputStream();
    private final CompletableFuture<Bytes> body = new CompletableFuture<>();
    private Flow.@Nullable Subscription subscription;

    CappedBody(int maxBytes) {
        this.maxBytes = maxBytes;
    }

    @Override
    public CompletionStage<Bytes> getBody() {
        return body;
    }

    @Override
    public void onSubscribe(Flow.Subscription begun) {
        subscription = begun;
        begun.request(Long.MAX_VALUE);
    }

    @Override
    public void onNext(List<ByteBuffer> buffers) {
        for (ByteBuffer buffer : buffers) {
            byte[] bytes = new byte[Math.min(buffer.remaining(), maxBytes - taken.size())];
            buffer.get(bytes);
            taken.writeBytes(bytes);
            if (buffer.hasRemaining()) {
                body.complete(new Bytes(taken.toByteArray(), false));
                if (subscription != null) {
                    subscription.cancel();
                }
                return;
            }
        }
    }

    @Override
    public void onError(Throwable cause) {
        body.completeExceptionally(cause);
    }

    @Override
    public void onComplete() {
        body.complete(new Bytes(taken.toByteArray(), true));
    }
}
