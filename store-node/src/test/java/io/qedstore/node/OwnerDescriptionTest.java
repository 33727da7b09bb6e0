package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.NodeId;
import io.qedstore.owner.Tenure;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerDescriptionTest {
    private static final UUID FIRST = UUID.fromString("00000000-0000-0007-0000-0000000000aa");
    private static final UUID SECOND = UUID.fromString("00000000-0000-0008-0000-0000000000aa");

    private static OwnerDescription of(UUID id, Optional<UUID> after, CacheMode cache) {
        return OwnerDescription.of(new NodeId("n1"), new Tenure(id, after), cache);
    }

    @Test
    void saysWhatItIsAndIsRead() {
        OwnerDescription second = of(SECOND, Optional.of(FIRST), CacheMode.WRITEBACK);
        assertThat(second).hasToString("owned by node n1, tenure=" + SECOND + ", after=" + FIRST + ", cache=writeback");
        assertThat(OwnerDescription.parse(second.toString())).isEqualTo(second);
        OwnerDescription first = of(FIRST, Optional.empty(), CacheMode.WRITETHROUGH);
        assertThat(first).hasToString("owned by node n1, tenure=" + FIRST + ", cache=writethrough");
        assertThat(OwnerDescription.parse(first.toString())).isEqualTo(first);
        assertThat(second.hasAllOf(first)).isTrue();
        assertThat(second.hasAllOf(second)).as("over another connection").isTrue();
        assertThat(first.hasAllOf(second)).isFalse();
    }

    /** Turns red where something is believed of an owner that it has not said. */
    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "by way of node n1",
                "owned by node n1, cache=writeback",
                "owned by node n1, tenure=, cache=later",
                "owned by node n1, tenure=7, after=6, cache=writeback",
                "owned by node n1, after=00000000-0000-0007-0000-0000000000aa, cache=writeback",
                "cache=writethrough, tenure=00000000-0000-0007-0000-0000000000aa"
            })
    void whatAnotherDoesNotSayIsNotSo(String text) {
        OwnerDescription read = OwnerDescription.parse(text);
        assertThat(read.isWritethrough()).isFalse();
        assertThat(read.tenure()).isEmpty();
        assertThat(read.hasAllOf(read)).isFalse();
    }

    @Test
    void anOlderProgramSaysWhatItHolds() {
        OwnerDescription read = OwnerDescription.parse("owned by node n1, cache=writethrough");
        assertThat(read.isWritethrough()).isTrue();
        assertThat(read.tenure()).isEmpty();
    }
}
