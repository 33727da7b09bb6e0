package io.qedstore.device;

import java.io.IOException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** How a request ended, once and no more. */
public final class Outcome implements Completion {
    private final CompletableFuture<@Nullable Void> end = new CompletableFuture<>();

    @Override
    public void succeeded() {
        requireOnce(end.complete(null));
    }

    @Override
    public void failed(IOException cause) {
        requireOnce(end.completeExceptionally(cause));
    }

    private static void requireOnce(boolean first) {
        if (!first) {
            throw new AssertionError("a request ended twice");
        }
    }

    public boolean hasEnded() {
        return end.isDone();
    }

    /** Waits for its success. */
    public void requireSuccess() throws IOException {
        try {
            end.get(20, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            throw new IOException("the request failed", e.getCause());
        } catch (TimeoutException e) {
            throw new AssertionError("the request did not end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IOException(e);
        }
    }

    /** Waits for its failure. */
    public Throwable failure() throws IOException {
        try {
            requireSuccess();
        } catch (IOException e) {
            Throwable cause = e.getCause();
            return cause == null ? e : cause;
        }
        throw new AssertionError("the request succeeded");
    }
}
