package io.qedstore.route;

import io.qedstore.device.Throttle;
import java.util.function.Supplier;

/** The throttle of the place where requests go now, if that is this node's own; another node holds them back itself. */
final class RoutedThrottle implements Throttle {
    private final Supplier<Throttle> now;

    RoutedThrottle(Supplier<Throttle> now) {
        this.now = now;
    }

    @Override
    public boolean tryBegin(long lengthBytes) {
        return now.get().tryBegin(lengthBytes);
    }

    /** A throttle whose device ends lets all go on that wait: none is left behind at a place of before. */
    @Override
    public void begin(long lengthBytes, Runnable turn) {
        now.get().begin(lengthBytes, turn);
    }

    @Override
    public void withdraw(Runnable turn) {
        now.get().withdraw(turn);
    }
}
