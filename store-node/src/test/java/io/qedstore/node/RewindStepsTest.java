package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.rebuild.Point;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is killed before and behind each record that a rewind writes, into the catalog and into the image's log. */
class RewindStepsTest {
    private static final Point LATEST = new Point.Latest();

    @TempDir
    Path folder = Path.of("");

    /**
     * Deliberate bugs: the catalog is told that the rewind has ended before the log has all of it; a node does only the rewinds that it
     * has begun itself.
     */
    @Test
    void whereverTheNodeIsKilledTheRewindWasNotBegunOrIsDone() throws Exception {
        boolean wasKilled = true;
        int steps = 0;
        int halfDone = 0;
        for (; wasKilled; steps++) {
            String when = "killed after " + steps + " steps";
            RewindingMachine machine = new RewindingMachine(folder.resolve("machine-" + steps));
            byte[] before = machine.before();
            byte[] wanted = machine.wanted();
            try (RewindingMachine.Running node = machine.boot(steps)) {
                node.own();
                node.beginAndDo();
                wasKilled = node.wasKilled();
            }
            try (RewindingMachine.Running node = machine.boot(Integer.MAX_VALUE)) {
                boolean isUnderWay = node.image().rewind().isPresent();
                byte[] found = node.content(LATEST);
                assertThat(isMixOf(found, before, wanted)).as(when).isTrue();
                boolean isAsBefore = Arrays.equals(found, before);
                boolean isHalfDone = !isAsBefore && !Arrays.equals(found, wanted);
                assertThat(isHalfDone && !isUnderWay).as(when).isFalse();
                halfDone += isHalfDone ? 1 : 0;
                assertThat(Rewinder.refusal(node.image()).isPresent()).as(when).isEqualTo(isUnderWay);
                node.goOn();
                assertThat(node.content(LATEST)).as(when).isEqualTo(isAsBefore && !isUnderWay ? before : wanted);
                assertThat(node.pointFiles()).as(when).isEmpty();
                node.write(1, 7);
            }
        }
        assertThat(steps).isGreaterThan(10);
        assertThat(halfDone).isPositive();
    }

    /** Each byte is one of the two. */
    private static boolean isMixOf(byte[] found, byte[] one, byte[] other) {
        for (int i = 0; i < found.length; i++) {
            if (found[i] != one[i] && found[i] != other[i]) {
                return false;
            }
        }
        return found.length == one.length;
    }
}
