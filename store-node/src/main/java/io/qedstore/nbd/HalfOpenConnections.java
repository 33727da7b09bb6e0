package io.qedstore.nbd;

import io.netty.channel.Channel;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.TimeUnit;

/**
 * Connections that are still negotiating, oldest first. An honest client is done within milliseconds, so when there are too
 * many, the oldest goes: a flood of idle connections does not keep anybody else out.
 */
final class HalfOpenConnections {
    private final int limit;

    /** Guarded by this object's monitor. */
    private final Set<Channel> channels = new LinkedHashSet<>();

    HalfOpenConnections(int limit) {
        this.limit = limit;
    }

    void add(Channel channel) {
        Channel evicted = null;
        synchronized (this) {
            channels.add(channel);
            if (channels.size() > limit) {
                Iterator<Channel> oldestFirst = channels.iterator();
                evicted = oldestFirst.next();
                oldestFirst.remove();
            }
        }
        if (evicted != null) {
            evicted.close();
        }
    }

    /** Closes them all, after a short time in which those that are about to get an answer get it. */
    void closeAfter(long graceMs) {
        List<Channel> open;
        synchronized (this) {
            open = List.copyOf(channels);
        }
        for (Channel channel : open) {
            channel.eventLoop().schedule(() -> channel.close(), graceMs, TimeUnit.MILLISECONDS);
        }
    }

    synchronized void remove(Channel channel) {
        channels.remove(channel);
    }
}
