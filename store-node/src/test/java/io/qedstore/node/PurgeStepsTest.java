package io.qedstore.node;

import static io.qedstore.node.PurgingMachine.GOING;
import static io.qedstore.node.PurgingMachine.STAYING;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.CatalogEvent;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * A node that is killed at each step on which an image goes for ever: before the catalog says so all of the image is there, and in the
 * end nothing is.
 */
class PurgeStepsTest {
    @TempDir
    Path folder = Path.of("");

    private int machines;

    private PurgingMachine machine() throws IOException {
        return new PurgingMachine(folder.resolve("machine-" + machines++));
    }

    private static void assertNothingIsLeft(PurgingMachine machine, String when) throws IOException {
        assertThat(machine.isPurged()).as(when).isTrue();
        assertThat(machine.all(GOING)).as(when).isEmpty();
        assertThat(machine.keepsOthersFiles()).isTrue();
    }

    /** What an image needs, and what is kept of it for people. */
    private static Map<String, String> whole(PurgingMachine machine) throws IOException {
        Map<String, String> all = machine.all(GOING);
        all.keySet()
                .removeIf(what -> what.equals("age")
                        || what.equals("synced")
                        || what.endsWith(".seal")
                        || what.endsWith(".restored"));
        return all;
    }

    /**
     * Deliberate bugs: the log is removed of whatever is in the trash; files are removed before the catalog says that the image is
     * purged; the next start does not look for files, or not for logs; progress is forgotten when the files are gone.
     */
    @Test
    void whereverTheNodeIsKilledTheNextLeavesNothing() throws IOException {
        boolean wasKilled = true;
        int steps = 0;
        for (; wasKilled; steps++) {
            PurgingMachine machine = machine();
            Map<String, String> stays = machine.all(STAYING);
            Map<String, String> before = whole(machine);
            assertThat(before).hasSize(8);
            wasKilled = machine.runKilledAfter(steps);
            String when = "killed after " + steps + " steps";
            if (!machine.isPurged()) {
                assertThat(whole(machine)).as(when).isEqualTo(before);
            }
            if (wasKilled) {
                machine.boot();
                assertThat(machine.runKilledAfter(Integer.MAX_VALUE)).isFalse();
            }
            assertNothingIsLeft(machine, when);
            assertThat(machine.all(STAYING)).as(when).isEqualTo(stays);
        }
        assertThat(steps).isGreaterThan(20);
    }

    /** Deliberate bugs: as above; the next kill comes while what the one before has left is removed. */
    @Test
    void whoIsKilledAgainAndAgainLeavesNothingInTheEnd() {
        Seeds.forEach(8, seed -> {
            Random random = new Random(seed);
            PurgingMachine machine = machine();
            Map<String, String> stays = machine.all(STAYING);
            Map<String, String> before = whole(machine);
            for (int kill = 0; kill < 6; kill++) {
                machine.runKilledAfter(random.nextInt(40));
                if (!machine.isPurged()) {
                    assertThat(whole(machine)).isEqualTo(before);
                }
                machine.boot();
            }
            machine.runKilledAfter(Integer.MAX_VALUE);
            assertNothingIsLeft(machine, "killed again and again");
            assertThat(machine.all(STAYING)).isEqualTo(stays);
        });
    }

    /** Deliberate bug: only names that are known are removed, and not what a rebuild or a checkpoint had half made. */
    @Test
    void whateverFilesAreLeftOfAPurgedImageTheNextStartRemovesThem() throws IOException {
        int files = machine().files(GOING).size();
        List<Integer> some = new ArrayList<>(List.of(0));
        for (int each = 0; each < files; each++) {
            some.add(1 << each); // this one alone
            some.add((1 << files) - 1 - (1 << each)); // all but this one
        }
        for (int left : some) {
            PurgingMachine machine = machine();
            List<Path> all = machine.files(GOING);
            for (int each = 0; each < files; each++) {
                if ((left >> each & 1) == 0) {
                    Files.delete(all.get(each));
                }
            }
            if (left % 2 == 0) {
                machine.forgetProgress();
            }
            machine.decide(new CatalogEvent.ImagePurged(GOING, 0));
            machine.boot();
            machine.runKilledAfter(Integer.MAX_VALUE);
            String what = "with " + left + " of the files";
            if (left % 2 == 0) {
                assertNothingIsLeft(machine, what);
            } else {
                assertThat(machine.files(GOING)).as(what).isEmpty();
            }
        }
    }

    /**
     * The record of a node that was killed may come into the catalog when the next has looked what was left.
     *
     * <p>Deliberate bug: it is looked for logs at the start alone, and when this node has said that it purges.
     */
    @Test
    void aPurgeThatIsToldLateLeavesNoLog() throws IOException {
        PurgingMachine machine = machine();
        machine.holdsSent = true;
        machine.runKilledAfter(Integer.MAX_VALUE);
        assertThat(machine.isPurged()).isFalse();
        machine.boot();
        machine.runKilledAfter(Integer.MAX_VALUE);
        machine.landSent();
        machine.runKilledAfter(Integer.MAX_VALUE);
        machine.running().passAnHour();
        assertNothingIsLeft(machine, "told late");
    }

    /** Deliberate bug: only an owner that is there removes the logs of its images. */
    @Test
    void theLogOfAnOwnerThatIsGoneForEverGoesToo() throws IOException {
        PurgingMachine machine = machine();
        machine.runKilledAfter(Integer.MAX_VALUE);
        NodeId gone = new NodeId("gone");
        machine.decide(TestCatalog.announced(gone));
        machine.decide(TestCatalog.created(9, "of-another", new Placement(gone, List.of())));
        machine.logs.add(TestCatalog.image(9));
        machine.decide(new CatalogEvent.ImageDeleted(TestCatalog.image(9)));
        machine.decide(new CatalogEvent.ImagePurged(TestCatalog.image(9), 0));
        machine.running().passAnHour();
        assertThat(machine.logs).contains(TestCatalog.image(9));
        machine.decide(new CatalogEvent.NodeRemoved(gone));
        machine.running().passAnHour();
        assertThat(machine.logs).containsExactly(STAYING);
    }

    /** Deliberate bug: a log that could not be removed is taken for one that is gone. */
    @Test
    void whatCannotBeRemovedIsTriedAgain() throws IOException {
        PurgingMachine machine = machine();
        machine.logsStand = true;
        machine.runKilledAfter(Integer.MAX_VALUE);
        assertThat(machine.isPurged()).isTrue();
        assertThat(machine.logs).contains(GOING);
        machine.logsStand = false;
        machine.runKilledAfter(Integer.MAX_VALUE);
        assertNothingIsLeft(machine, "tried again");
    }
}
