package io.qedstore.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Names are neither paths nor options. */
class NamesTest {
    @ParameterizedTest
    @ValueSource(strings = {"a", "7", "vm1", "VM-1.root_disk", "a..", "0-_."})
    void whatPeopleCallThings(String value) {
        assertThat(new ImageName(value)).hasToString(value);
        assertThat(new SnapshotName(value)).hasToString(value);
        assertThat(new NodeId(value)).hasToString(value);
    }

    // Deliberate bug: the first character is judged as the others are.
    @ParameterizedTest
    @ValueSource(strings = {".", "..", "-rf", "_a", "a/b", "a b", "a@b", "a\0", "ä", "a\u0661", "a\n"})
    void whatIsNoName(String value) {
        assertThatThrownBy(() -> new ImageName(value))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("an image name with ")
                .hasMessageContaining("expected letters and digits");
    }

    // Deliberate bug: only the length is looked at.
    @Test
    void anEndpointIsPrintableTextOfBoundedLength() {
        for (String value :
                new String[] {"127.0.0.1:10809", "nbd+unix:///?socket=/run/q.sock", "!~", "a".repeat(255)}) {
            assertThat(new Endpoint(value)).hasToString(value);
        }
        assertThatThrownBy(() -> new Endpoint("")).hasMessage("an endpoint of 0 characters, expected 1 to 255");
        assertThatThrownBy(() -> new Endpoint("a".repeat(256)))
                .hasMessage("an endpoint of 256 characters, expected 1 to 255");
        for (String value : new String[] {"a b", "a\nb", "a\u007f", "a\u00e4"}) {
            assertThatThrownBy(() -> new Endpoint(value))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageStartingWith("an endpoint with U+00")
                    .hasMessageEndingWith("as character 2; expected printable characters of ASCII, no spaces");
        }
    }

    @Test
    void aNameHasOneTo128Characters() {
        assertThat(new SnapshotName("a".repeat(128)).value()).hasSize(128);
        assertThatThrownBy(() -> new SnapshotName("a".repeat(129)))
                .hasMessage("a snapshot name of 129 characters, expected 1 to 128");
        assertThatThrownBy(() -> new NodeId("")).hasMessage("a node id of 0 characters, expected 1 to 128");
    }

    @Test
    void theMessageShowsWhatCannotBeSeen() {
        assertThatThrownBy(() -> new ImageName("vm1\n"))
                .hasMessageStartingWith("an image name with U+000A as character 4");
        assertThatThrownBy(() -> new ImageName("a/b")).hasMessageStartingWith("an image name with '/' as character 2");
    }
}
