package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.NodeId;
import io.qedstore.node.ExportName.Anywhere;
import io.qedstore.node.ExportName.AtOwner;
import io.qedstore.node.ExportName.Copy;
import io.qedstore.node.ExportName.Forwarded;
import io.qedstore.node.ExportName.Past;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExportNameTest {
    @Test
    void aNameAloneIsTheImageWhereverItIs() {
        assertThat(ExportName.of("vm1")).isEqualTo(new Anywhere("vm1"));
        assertThat(ExportName.of("")).isEqualTo(new Anywhere(""));
    }

    @Test
    void behindTheNameStandsWhichViewOfIt() {
        assertThat(ExportName.of("vm1@latest")).isEqualTo(new Copy("vm1"));
        assertThat(ExportName.of("vm1@owner")).isEqualTo(new AtOwner("vm1", Optional.empty()));
        assertThat(ExportName.of("vm1@snapshot:a@b")).isEqualTo(new Past("vm1", "snapshot:a@b"));
    }

    /** Names of clients may have anything in them. */
    @ParameterizedTest
    @CsvSource({"127.0.0.1:4711, false", "[::1]:4711, true", "'CN=a/b@c, O=+d', false", "'', true"})
    void whoForwardsIsUnderstoodAsItWasSaid(String client, boolean goesOn) {
        Forwarded by = new Forwarded(new NodeId("node-2"), client, goesOn);
        assertThat(ExportName.of(ExportName.toForward("vm1", by))).isEqualTo(new AtOwner("vm1", Optional.of(by)));
    }

    /** No image has such a name. */
    @ParameterizedTest
    @ValueSource(strings = {"vm1@", "vm1@later", "vm1@owner/", "vm1@owner/n", "vm1@owner//c", "vm1@owner/../c"})
    void anythingElseIsNoView(String name) {
        assertThat(ExportName.of(name)).isEqualTo(new Anywhere(name));
    }
}
