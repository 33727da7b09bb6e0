package io.qedstore.device;

import java.io.IOException;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** A request whose end a thread waits for. */
public final class Awaited implements Completion {
    private final CountDownLatch ended = new CountDownLatch(1);
    private volatile @Nullable IOException failure;

    @Override
    public void succeeded() {
        ended.countDown();
    }

    @Override
    public void failed(IOException cause) {
        failure = cause;
        ended.countDown();
    }

    /** @throws IOException what the request failed with, or that the thread was interrupted */
    public void await() throws IOException {
        try {
            ended.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BlockDeviceException(DeviceError.SHUTTING_DOWN, "the thread that waits is to end", e);
        }
        IOException cause = failure;
        if (cause != null) {
            throw cause;
        }
    }
}
