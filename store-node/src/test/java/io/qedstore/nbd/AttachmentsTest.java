package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.time.Clock;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class AttachmentsTest {
    private static final Instant NOW = Instant.parse("2026-11-27T12:00:00Z");
    private static final NbdClient ONE = new NbdClient("address 10.0.0.1", "10.0.0.1:1001");
    private static final NbdClient ONE_AGAIN = new NbdClient("address 10.0.0.1", "10.0.0.1:1002");
    private static final NbdClient OTHER = new NbdClient("certificate CN=other", "CN=other");

    private final List<String> heard = new ArrayList<>();
    private final Attachments attachments = new Attachments(
            Attachments.Mode.EXCLUSIVE,
            new AttachmentListener() {
                @Override
                public void firstCame(NbdClient client) {
                    heard.add("first");
                }

                @Override
                public void lastGone() {
                    heard.add("last");
                }
            },
            Clock.fixed(NOW, ZoneOffset.UTC));

    /** Turns red when nobody looks who is there. */
    @Test
    void anotherClientIsToldWhoIsThere() throws AlreadyAttachedException {
        attachments.attach(ONE);
        assertThatThrownBy(() -> attachments.attach(OTHER))
                .isInstanceOf(AlreadyAttachedException.class)
                .hasMessageContaining("10.0.0.1:1001")
                .hasMessageContaining("2026-11-27T12:00:00Z");
        assertThat(attachments.clients()).containsExactly(new AttachedClient("10.0.0.1:1001", NOW, 1));
    }

    /** Turns red when a client is let go with the first of its connections, or is counted by connection. */
    @Test
    void allConnectionsOfOneClientCountAsOne() throws AlreadyAttachedException {
        Attachment first = attachments.attach(ONE);
        Attachment second = attachments.attach(ONE_AGAIN);
        assertThat(attachments.clients()).containsExactly(new AttachedClient("10.0.0.1:1001", NOW, 2));
        first.release();
        first.release();
        assertThat(attachments.clients()).containsExactly(new AttachedClient("10.0.0.1:1001", NOW, 1));
        assertThatThrownBy(() -> attachments.attach(OTHER)).isInstanceOf(AlreadyAttachedException.class);
        assertThat(heard).containsExactly("first");
        second.release();
        assertThat(heard).containsExactly("first", "last");
        assertThat(attachments.clients()).isEmpty();
        attachments.attach(OTHER);
        assertThat(heard).containsExactly("first", "last", "first");
    }

    @Test
    void nobodyComesInWhileItIsClosedAndWhoeverIsThereStays() throws AlreadyAttachedException {
        Attachment first = attachments.attach(ONE);
        attachments.close(Optional.of("image vm1 is being rewound"));
        assertThatThrownBy(() -> attachments.attach(ONE_AGAIN))
                .isInstanceOfSatisfying(AlreadyAttachedException.class, refused -> assertThat(refused.advice("vm1"))
                        .isEqualTo("image vm1 is being rewound; connect again when that is done, or read"
                                + " 'vm1@latest'"));
        first.release();
        assertThat(attachments.clients()).isEmpty();
        assertThatThrownBy(() -> attachments.attach(OTHER)).isInstanceOf(AlreadyAttachedException.class);
        attachments.close(Optional.empty());
        attachments.attach(OTHER);
    }

    @Test
    void severalMayWriteWhereThatWasAskedForAndStayWhenItIsTakenBack() throws AlreadyAttachedException {
        Attachment one = attachments.attach(ONE);
        attachments.mode(Attachments.Mode.SHARED);
        Attachment other = attachments.attach(OTHER);
        assertThat(attachments.clients()).extracting(AttachedClient::name).containsExactly("10.0.0.1:1001", "CN=other");
        attachments.mode(Attachments.Mode.EXCLUSIVE);
        one.release();
        assertThat(heard).containsExactly("first");
        assertThatThrownBy(() -> attachments.attach(ONE)).hasMessageContaining("CN=other");
        other.release();
        assertThat(heard).containsExactly("first", "last");
    }
}
