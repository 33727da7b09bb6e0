package io.qedstore.points;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.checkpoint.InMemoryObjects;
import io.qedstore.checkpoint.LocalCheckpoints;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.checkpoint.ObjectStore;
import io.qedstore.checkpoint.TestCheckpoints;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.retention.CheckpointKeeper;
import io.qedstore.retention.KeepSteps;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** An owner that is killed at each step on which its newest checkpoint goes into a store of objects. */
class CheckpointUploadsTest {
    private static final ImageId IMAGE = TestCatalog.image(2);
    private static final NodeId STORE = new NodeId("objects");

    @TempDir
    Path folder = Path.of("");

    private static final class Killed extends RuntimeException {
        private static final long serialVersionUID = 1;
    }

    /** What another node does. */
    @FunctionalInterface
    private interface Meanwhile {
        void run() throws IOException;
    }

    /** What outlives the owner: the catalog, its disk and the store. */
    private final class Machine {
        final InMemoryIndex index = new InMemoryIndex();
        final InMemoryObjects objects = new InMemoryObjects();
        final LocalCheckpoints disk;
        private final MemoryImageFile file = new MemoryImageFile();
        private int said;
        private int stepsLeft = Integer.MAX_VALUE;
        private Meanwhile atLastStep = Machine::die;
        private Optional<Meanwhile> afterListing = Optional.empty();
        private CheckpointUploads uploads;

        Machine(String name) throws IOException {
            disk = new LocalCheckpoints(folder.resolve(name), TestCatalog.NODE);
            byte[] data = new byte[9 << 20]; // more than a piece
            new Random(1).nextBytes(data);
            file.write(0, ByteBuffer.wrap(data));
            decide(TestCatalog.announced(TestCatalog.NODE));
            decide(TestCatalog.created(2, "vm1"));
            uploads = boot();
        }

        CheckpointUploads boot() {
            stepsLeft = Integer.MAX_VALUE;
            CheckpointKeeper local = new CheckpointKeeper(disk, 1, index, this::decide, KeepSteps.NONE);
            ObjectCheckpoints store = new ObjectCheckpoints(new Stepping(), STORE);
            CheckpointKeeper remote = new CheckpointKeeper(store, 1, index, this::say, step -> step());
            return new CheckpointUploads(disk, local, remote, (next, bytes) -> step());
        }

        void killAndBoot() {
            uploads = boot();
        }

        private static void die() {
            throw new Killed();
        }

        private void step() {
            if (stepsLeft-- == 0) {
                try {
                    atLastStep.run();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        }

        void putAnother(long sequence) throws IOException {
            MemoryImageFile other = new MemoryImageFile();
            other.write(0, ByteBuffer.wrap(new byte[] {1}));
            new ObjectCheckpoints(objects, STORE)
                    .put(TestCheckpoints.describe(IMAGE, other, sequence), other, (next, bytes) -> {});
        }

        private CatalogDecision say(CatalogEvent event) throws IOException {
            step();
            return decide(event);
        }

        private CatalogDecision decide(CatalogEvent event) throws IOException {
            said++;
            CatalogDecision decision =
                    CatalogRules.decide(new CatalogRecord(1_000_000L * said, TestCatalog.NODE, event), index);
            index.write(decision.changes(), TestCatalog.position(said));
            return decision;
        }

        void checkpoint(long sequence) throws IOException {
            CheckpointKeeper local = new CheckpointKeeper(disk, 1, index, this::decide, KeepSteps.NONE);
            local.announce(disk.put(TestCheckpoints.describe(IMAGE, file, sequence), file, (next, bytes) -> {}));
            local.thin(image(), true);
        }

        CatalogImage image() {
            return index.image(IMAGE).orElseThrow();
        }

        void upload() throws IOException {
            uploads.upload(image());
        }

        /** @return whether it was killed */
        boolean uploadKilledAfter(int steps) throws IOException {
            stepsLeft = steps;
            try {
                upload();
                return false;
            } catch (Killed e) {
                return true;
            }
        }

        List<Sequence> known() {
            return index.checkpoints(IMAGE).stream()
                    .filter(checkpoint -> checkpoint.holder().equals(STORE))
                    .map(Checkpoint::sequence)
                    .toList();
        }

        boolean isWhole(Sequence sequence) throws IOException {
            return new ObjectCheckpoints(objects, STORE).isWhole(IMAGE, sequence);
        }

        /** The sequences of which the store has anything. */
        Set<Sequence> there() {
            Set<Sequence> there = new TreeSet<>();
            for (String key : objects.objects.keySet()) {
                there.add(new Sequence(Long.parseLong(key.split("/", -1)[1])));
            }
            return there;
        }

        private final class Stepping implements ObjectStore {
            @Override
            public String place() {
                return objects.place();
            }

            @Override
            public void put(String key, byte[] bytes) {
                step();
                objects.put(key, bytes);
                step();
            }

            @Override
            public Optional<byte[]> get(String key, int maxBytes) throws IOException {
                return objects.get(key, maxBytes);
            }

            @Override
            public Map<String, Long> list(String prefix) throws IOException {
                Map<String, Long> found = objects.list(prefix);
                Optional<Meanwhile> next = afterListing;
                afterListing = Optional.empty();
                if (next.isPresent()) {
                    next.get().run();
                }
                return found;
            }

            @Override
            public void delete(Collection<String> keys) {
                for (String key : List.copyOf(keys)) {
                    step();
                    objects.delete(List.of(key));
                    step();
                }
            }
        }
    }

    private static final Sequence LAST = new Sequence(9);

    /**
     * Deliberate bugs: the store is not looked at before the first upload of a process; one is removed before the catalog says that it is
     * dropped; the catalog is told before the manifest is there.
     */
    @Test
    void whereverTheOwnerIsKilledNothingStaysThatTheCatalogDoesNotKnow() throws IOException {
        boolean wasKilled = true;
        int steps = 0;
        for (; wasKilled; steps++) {
            String when = "killed after " + steps + " steps";
            Machine machine = new Machine("machine-" + steps);
            machine.checkpoint(3);
            machine.upload();
            assertThat(machine.known()).containsExactly(new Sequence(3));
            machine.checkpoint(5);
            wasKilled = machine.uploadKilledAfter(steps);
            assertThat(machine.known()).as(when).isNotEmpty();
            for (Sequence each : machine.known()) {
                assertThat(machine.isWhole(each)).as(when).isTrue();
            }
            machine.killAndBoot();
            machine.checkpoint(LAST.value());
            machine.upload();
            assertThat(machine.known()).as(when).containsExactly(LAST);
            assertThat(machine.there()).as(when).containsExactly(LAST);
            assertThat(machine.isWhole(LAST)).isTrue();
        }
        assertThat(steps).isGreaterThan(15);
    }

    /** Deliberate bug: who was the owner before, and was not meanwhile, goes on with what it knew. */
    @Test
    void whoBecomesTheOwnerAgainLooksAtTheStoreAgain() throws IOException {
        Machine machine = new Machine("machine");
        machine.checkpoint(3);
        machine.upload();
        machine.uploads.keepOnly(Set.of());
        machine.putAnother(4); // by another owner, which was killed
        machine.upload();
        assertThat(machine.known()).containsExactly(new Sequence(4));
        assertThat(machine.there()).containsExactly(new Sequence(4));
    }

    /** Deliberate bug: a put does not heed a later one, whose node removes what is half done. */
    @Test
    void ofTwoNodesThatPutAtOnceNoneIsLeftInHalves() throws IOException {
        boolean wasMet = true;
        int steps = 0;
        int refused = 0;
        for (; wasMet; steps++) {
            Machine machine = new Machine("machine-" + steps);
            machine.checkpoint(3);
            machine.stepsLeft = steps;
            machine.atLastStep = () -> machine.putAnother(4);
            try {
                machine.upload();
            } catch (IOException e) {
                assertThat(e).hasMessageContaining("3").hasMessageContaining("memory");
                refused++;
                machine.upload();
                assertThat(machine.known()).containsExactly(new Sequence(4));
            }
            wasMet = machine.stepsLeft < 0;
            for (Sequence each : machine.known()) {
                assertThat(machine.isWhole(each)).as("after %s steps", steps).isTrue();
            }
            machine.checkpoint(LAST.value());
            machine.upload();
            assertThat(machine.known()).contains(LAST);
            assertThat(machine.isWhole(LAST)).isTrue();
        }
        assertThat(refused).isBetween(3, steps - 2);
    }

    /** Deliberate bug: the store is asked what it has before the catalog is. */
    @Test
    void whatAnotherPutsWhileTheStoreIsLookedAtIsNotTakenForLost() throws IOException {
        Machine machine = new Machine("machine");
        machine.afterListing = Optional.of(() -> {
            machine.putAnother(4);
            new CheckpointKeeper(
                            new ObjectCheckpoints(machine.objects, STORE),
                            1,
                            machine.index,
                            machine::decide,
                            KeepSteps.NONE)
                    .reconcile(IMAGE);
        });
        machine.upload();
        assertThat(machine.known()).containsExactly(new Sequence(4));
    }
}
