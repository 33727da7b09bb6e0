package io.qedstore.volume;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import org.junit.jupiter.api.Test;

/** The node's memory for changes, and those who wait for it: what a volume's {@link Admission} lets in. */
class PendingBudgetTest {
    private static final long LIMIT = 100;

    private final PendingBudget budget = new PendingBudget(LIMIT);
    private final Queue<Runnable> workers = new ArrayDeque<>();
    private final List<String> came = new ArrayList<>();
    private long ownBytes;

    private Admission admission() {
        return new Admission(() -> ownBytes, LIMIT, budget, workers::add);
    }

    private void work() {
        for (Runnable next = workers.poll(); next != null; next = workers.poll()) {
            next.run();
        }
    }

    @Test
    void aLimitOfNothingIsRefused() {
        assertThatThrownBy(() -> new PendingBudget(0)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void whileThereIsRoomAllGoInAtOnce() {
        Admission one = admission();
        one.enter(() -> budget.take(60));
        one.enter(() -> budget.take(60)); // the last may be more than there is
        assertThat(budget.usedBytes()).isEqualTo(120);
        assertThat(one.isOpen()).isFalse();
    }

    @Test
    void thoseOfAllVolumesGoOnWhenAnyGivesBack() {
        Admission one = admission();
        Admission two = admission();
        budget.take(LIMIT);
        one.enter(() -> came.add("one"));
        two.enter(() -> came.add("two"));
        work();
        assertThat(came).isEmpty();
        budget.giveBack(1);
        work();
        assertThat(came).containsExactlyInAnyOrder("one", "two");
    }

    @Test
    void eachWaitsForTheOneBeforeAndTheOrderStays() {
        Admission one = admission();
        budget.take(LIMIT);
        for (int i = 0; i < 5; i++) {
            String name = "change " + i;
            one.enter(() -> {
                came.add(name);
                budget.take(LIMIT);
            });
        }
        for (int i = 1; i <= 5; i++) {
            budget.giveBack(LIMIT);
            work();
            assertThat(came).hasSize(i);
        }
        assertThat(came).isSorted();
        assertThat(one.isOpen()).isFalse();
        budget.giveBack(LIMIT);
        assertThat(one.isOpen()).isTrue();
        assertThat(budget.usedBytes()).isZero();
    }

    @Test
    void aVolumesOwnLimitHoldsToo() {
        Admission one = admission();
        ownBytes = LIMIT;
        one.enter(() -> came.add("one"));
        work();
        assertThat(came).isEmpty();
        ownBytes = 0;
        one.proceed();
        work();
        assertThat(came).containsExactly("one");
    }

    @Test
    void atTheEndAndWhenNoAnswerComesAllGoIn() {
        for (boolean atEnd : new boolean[] {true, false}) {
            came.clear();
            Admission one = admission();
            ownBytes = LIMIT;
            for (int i = 0; i < 3; i++) {
                one.enter(() -> came.add("change"));
            }
            if (atEnd) {
                one.end();
            } else {
                one.clear();
            }
            work();
            assertThat(came).hasSize(3);
        }
    }

    @Test
    void aChangeThatThrowsKeepsNoOtherOut() {
        Admission one = admission();
        ownBytes = LIMIT;
        one.enter(() -> {
            throw new IllegalStateException("a bug");
        });
        one.enter(() -> came.add("the next"));
        ownBytes = 0;
        one.proceed();
        assertThatThrownBy(this::work).hasMessage("a bug");
        work();
        assertThat(came).containsExactly("the next");
    }
}
