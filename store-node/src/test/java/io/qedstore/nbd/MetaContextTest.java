package io.qedstore.nbd;

import static io.qedstore.nbd.MetaContext.ALLOCATION_DEPTH;
import static io.qedstore.nbd.MetaContext.BASE_ALLOCATION;
import static org.assertj.core.api.Assertions.assertThat;

import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

class MetaContextTest {
    @Test
    void idsAreDistinctAndNamesAreTheProtocols() {
        assertThat(Arrays.stream(MetaContext.values()).map(MetaContext::id)).doesNotHaveDuplicates();
        assertThat(Arrays.stream(MetaContext.values()).map(MetaContext::contextName))
                .containsExactly("base:allocation", "qemu:allocation-depth");
    }

    @Test
    void selectingTakesWholeNamesOnly() {
        assertThat(MetaContext.selected(List.of("base:allocation"))).containsExactly(BASE_ALLOCATION);
        assertThat(MetaContext.selected(List.of("qemu:allocation-depth", "x", "base:allocation")))
                .containsExactlyInAnyOrder(BASE_ALLOCATION, ALLOCATION_DEPTH);
        assertThat(MetaContext.selected(List.of("base:", "qemu:", "base:allocation2", "", "BASE:ALLOCATION")))
                .isEmpty();
        assertThat(MetaContext.selected(List.of())).isEmpty();
    }

    @Test
    void listingTakesNamespacesAndNothingForAll() {
        assertThat(MetaContext.listed(List.of())).containsExactlyInAnyOrder(MetaContext.values());
        assertThat(MetaContext.listed(List.of("base:"))).containsExactly(BASE_ALLOCATION);
        assertThat(MetaContext.listed(List.of("qemu:", "qemu:allocation-depth")))
                .containsExactly(ALLOCATION_DEPTH);
        assertThat(MetaContext.listed(List.of("qemu", "base:x", ":", "x-y:"))).isEmpty();
    }
}
