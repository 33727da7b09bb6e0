package io.qedstore.nbd;

import io.netty.channel.IoHandle;
import io.netty.channel.IoHandler;
import io.netty.channel.IoHandlerContext;
import io.netty.channel.IoHandlerFactory;
import io.netty.channel.IoOps;
import io.netty.channel.IoRegistration;
import io.netty.channel.epoll.EpollIoOps;

/**
 * Epoll that keeps a socket registered while nothing is to be heard of it.
 *
 * <p>Netty 4.2.18 takes such a socket out of the epoll set and later changes an entry that is no longer there: a client that
 * has ended its output while the server did not read loses its connection, and with it its replies. Asking for the end of
 * the connection alone, once, keeps the entry and costs no wakeups.
 */
final class SteadyEpoll implements IoHandler {
    private final IoHandler epoll;

    private SteadyEpoll(IoHandler epoll) {
        this.epoll = epoll;
    }

    static IoHandlerFactory around(IoHandlerFactory epoll) {
        return executor -> new SteadyEpoll(epoll.newHandler(executor));
    }

    @Override
    public IoRegistration register(IoHandle handle) throws Exception {
        return new Registration(epoll.register(handle));
    }

    @Override
    public void initialize() {
        epoll.initialize();
    }

    @Override
    public int run(IoHandlerContext context) {
        return epoll.run(context);
    }

    @Override
    public void prepareToDestroy() {
        epoll.prepareToDestroy();
    }

    @Override
    public void destroy() {
        epoll.destroy();
    }

    @Override
    public void wakeup() {
        epoll.wakeup();
    }

    @Override
    public boolean isCompatible(Class<? extends IoHandle> handleType) {
        return epoll.isCompatible(handleType);
    }

    private record Registration(IoRegistration entry) implements IoRegistration {
        @Override
        public long submit(IoOps ops) {
            boolean nothing = ops instanceof EpollIoOps events && events.value() == EpollIoOps.NONE.value();
            return entry.submit(nothing ? EpollIoOps.EPOLLET : ops);
        }

        @Override
        @SuppressWarnings("TypeParameterUnusedInFormals") // as Netty declares it
        public <T> T attachment() {
            return entry.attachment();
        }

        @Override
        public boolean isValid() {
            return entry.isValid();
        }

        @Override
        public boolean cancel() {
            return entry.cancel();
        }
    }
}
