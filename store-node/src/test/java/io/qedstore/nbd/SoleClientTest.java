package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.device.ManualTime;
import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.device.MemoryBlockDevice.Gate;
import io.qedstore.device.MemoryBlockDevice.Kind;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.route.Guide;
import io.qedstore.route.RouteSettings;
import io.qedstore.route.RoutedDevice;
import io.qedstore.route.Target;
import io.qedstore.route.TurnedAwayException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Those who have one connection at a time, and what becomes of it when they have another. */
class SoleClientTest {
    private static final NbdClient NODE = new NbdClient("node two", "a client at node two");

    private final MemoryBlockDevice device = new MemoryBlockDevice(8 << 20);
    private final Attachments attachments =
            new Attachments(Attachments.Mode.EXCLUSIVE, AttachmentListener.NONE, Clock.systemUTC());
    private final Export export = new Export("disk", "", device, Export.Reach.CLEAR_OR_TLS, attachments);

    /** {@code disk} for anybody, {@code disk/new} and {@code disk/on} for a node. */
    private final Exports exports = new Exports() {
        @Override
        public Optional<Export> find(String name) {
            return switch (name) {
                case "disk" -> Optional.of(export);
                case "disk/new" -> Optional.of(export.as(NODE, false));
                case "disk/on" -> Optional.of(export.as(NODE, true));
                default -> Optional.empty();
            };
        }

        @Override
        public List<Listed> list() {
            return List.of();
        }
    };

    private final TestServer server = new TestServer(device, new Limits().build(), exports, TlsMode.OFF, () -> {
        throw new IllegalStateException("TLS is off");
    });

    @AfterEach
    void close() throws IOException {
        server.close();
    }

    private WireClient client(String name) throws IOException {
        WireClient client = server.negotiating();
        client.go(name);
        return client;
    }

    /** Turns red where the connection before is left open, or what had begun on it is not waited for. */
    @Test
    void aNewConnectionTakesThePlaceOfTheOneBefore() throws Exception {
        WireClient before = client("disk/new");
        Gate gate = device.hold(Kind.TRIM);
        before.request(NbdCommand.TRIM, 0, 0, 4096);
        gate.awaitArrivals(1);
        CompletableFuture<WireClient> next = CompletableFuture.supplyAsync(() -> {
            try {
                return client("disk/new");
            } catch (IOException e) {
                throw new IllegalStateException(e);
            }
        });
        before.expectClose();
        assertThat(next).as("while a change of before is under way").isNotDone();
        gate.open();
        next.get(20, TimeUnit.SECONDS).flush();
        assertThat(attachments.clients()).extracting(AttachedClient::name).containsExactly(NODE.name());
    }

    @Test
    void whoeverUsesTheDeviceWithoutAConnectionIsAClientToo() throws Exception {
        Attachment own = export.admit(new NbdClient("node one", "mine"))
                .toCompletableFuture()
                .get(20, TimeUnit.SECONDS);
        assertThatThrownBy(() -> export.admit(NODE).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .cause()
                .isInstanceOf(AlreadyAttachedException.class)
                .hasMessageContaining("held by mine");
        own.release();
        client("disk/new").flush();
    }

    /** Turns red where a client that comes anew is faster than the one that was there. */
    @Test
    void whoeverGoesOnComesBeforeOthers() throws Exception {
        attachments.reserve(Duration.ofMillis(600));
        assertThatThrownBy(() -> export.admit(NODE).toCompletableFuture().get(20, TimeUnit.SECONDS))
                .cause()
                .hasMessageContaining("for whoever used it where it was served before");
        client("disk/on").flush();
    }

    @Test
    void othersComeWhenTheTimeIsOver() throws Exception {
        attachments.reserve(Duration.ofMillis(300));
        client("disk/new").flush(); // it is tried again for a second
    }

    /** A guide that knows that nobody may come. */
    private static final class Refusing implements Guide {
        @Override
        public CompletableFuture<Target> seek(String place, String client, boolean goesOn) {
            return CompletableFuture.failedFuture(new TurnedAwayException("its owner lets nobody in"));
        }

        @Override
        public String describe(String place) {
            return place;
        }
    }

    /** Turns red where a client is let in to a device that cannot serve it, or stays attached to that. */
    @Test
    void aClientThatCannotBeServedIsToldWhyAndLeavesNothingBehind() throws Exception {
        ManualTime time = new ManualTime();
        RoutedDevice routed = new RoutedDevice(
                new RoutedDevice.Image("away", "one", () -> 4096, 4096),
                new Refusing(),
                Runnable::run,
                time,
                time::nanoTime,
                RouteSettings.DEFAULT,
                cause -> {});
        AttachmentListener using = new AttachmentListener() {
            @Override
            public void firstCame(NbdClient client) {
                routed.use(client.name());
            }

            @Override
            public void lastGone() {
                routed.unuse();
            }
        };
        Attachments few = new Attachments(Attachments.Mode.EXCLUSIVE, using, Clock.systemUTC());
        Exports away = new FixedExports(List.of(new Export("away", "", routed, Export.Reach.CLEAR_OR_TLS, few)));
        MemoryBlockDevice unused = new MemoryBlockDevice(4096);
        try (TestServer other = new TestServer(unused, new Limits().build(), away, TlsMode.OFF, () -> {
            throw new IllegalStateException("TLS is off");
        })) {
            List<WireClient.OptionReply> said =
                    other.negotiating().ask(NbdOption.GO.code(), WireClient.infoPayload("away"));
            assertThat(new String(said.get(said.size() - 1).payload(), StandardCharsets.UTF_8))
                    .isEqualTo("the export cannot be opened: its owner lets nobody in");
            TestServer.eventually("nobody is attached", () -> few.clients().isEmpty());
        }
    }
}
