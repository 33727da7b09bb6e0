package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.netty.channel.embedded.EmbeddedChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class HalfOpenConnectionsTest {
    private final HalfOpenConnections halfOpen = new HalfOpenConnections(2);

    private List<EmbeddedChannel> add(int count) {
        List<EmbeddedChannel> channels = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            EmbeddedChannel channel = new EmbeddedChannel();
            channels.add(channel);
            halfOpen.add(channel);
        }
        return channels;
    }

    @Test
    void whenThereAreTooManyTheOldestIsClosed() {
        assertThat(add(4)).extracting(EmbeddedChannel::isOpen).containsExactly(false, false, true, true);
    }

    @Test
    void thoseThatHaveFinishedDoNotCount() {
        List<EmbeddedChannel> channels = add(2);
        halfOpen.remove(channels.get(0));
        halfOpen.remove(channels.get(0));
        add(1);
        assertThat(channels).extracting(EmbeddedChannel::isOpen).containsExactly(true, true);
        add(1);
        assertThat(channels).extracting(EmbeddedChannel::isOpen).containsExactly(true, false);
    }

    @Test
    void allAreClosedAfterAWhileWhenTheServerCloses() {
        List<EmbeddedChannel> channels = add(2);
        halfOpen.remove(channels.get(0));
        halfOpen.closeAfter(300);
        channels.forEach(channel -> channel.advanceTimeBy(200, TimeUnit.MILLISECONDS));
        channels.forEach(EmbeddedChannel::runScheduledPendingTasks);
        assertThat(channels).extracting(EmbeddedChannel::isOpen).containsExactly(true, true);
        channels.forEach(channel -> channel.advanceTimeBy(200, TimeUnit.MILLISECONDS));
        channels.forEach(EmbeddedChannel::runScheduledPendingTasks);
        assertThat(channels).extracting(EmbeddedChannel::isOpen).containsExactly(true, false);
    }
}
