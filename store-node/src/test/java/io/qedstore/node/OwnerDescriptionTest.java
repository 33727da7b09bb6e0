package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.Epoch;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.NodeId;
import io.qedstore.owner.Tenure;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class OwnerDescriptionTest {
    private static OwnerDescription of(long epoch, Optional<Epoch> after, CacheMode cache) {
        return OwnerDescription.of(new NodeId("n1"), new Tenure(new Epoch(epoch), after), cache);
    }

    @Test
    void saysWhatItIsAndIsRead() {
        OwnerDescription second = of(8, Optional.of(new Epoch(7)), CacheMode.WRITEBACK);
        assertThat(second).hasToString("owned by node n1, epoch=8, after=7, cache=writeback");
        assertThat(OwnerDescription.parse(second.toString())).isEqualTo(second);
        OwnerDescription first = of(7, Optional.empty(), CacheMode.WRITETHROUGH);
        assertThat(first).hasToString("owned by node n1, epoch=7, cache=writethrough");
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
                "owned by node n1, epoch=, after=7, cache=later",
                "owned by node n1, epoch=99999999999999999999, after=7, cache=writeback",
                "cache=writethrough, epoch=8, after=7"
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
