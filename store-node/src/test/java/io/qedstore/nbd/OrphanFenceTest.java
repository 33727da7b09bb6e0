package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class OrphanFenceTest {
    private final OrphanFence fence = new OrphanFence();
    private final List<String> ran = new ArrayList<>();

    @Test
    void nobodyWaitsWhereNothingWasLeftBehind() {
        fence.whenClear(() -> ran.add("a"));
        fence.orphaned(0);
        fence.whenClear(() -> ran.add("b"));
        assertThat(ran).containsExactly("a", "b");
    }

    @Test
    void allWaitForTheLastOfTheChangesAndRunOnce() {
        // Deliberate bug: the first change that ends opens the fence.
        fence.orphaned(2);
        fence.whenClear(() -> ran.add("a"));
        fence.orphaned(1);
        fence.whenClear(() -> ran.add("b"));
        fence.done();
        fence.done();
        assertThat(ran).isEmpty();
        fence.done();
        assertThat(ran).containsExactly("a", "b");
        fence.orphaned(1);
        fence.done();
        assertThat(ran).containsExactly("a", "b");
    }

    @Test
    void whoRunsMayAskAgain() {
        fence.orphaned(1);
        fence.whenClear(() -> {
            fence.orphaned(1);
            fence.whenClear(() -> ran.add("later"));
        });
        fence.done();
        assertThat(ran).isEmpty();
        fence.done();
        assertThat(ran).containsExactly("later");
    }
}
