package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.ImageId;
import io.qedstore.index.CatalogDecision;
import io.qedstore.index.CatalogRules;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.index.TestCatalog;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A node that is killed at each step on which an image comes into being: there is an image with a log, or neither. */
class CreationStepsTest {
    private static final ImageId IMAGE = TestCatalog.image(2);
    private static final ImageId OTHER = TestCatalog.image(4);

    @TempDir
    Path folder = Path.of("");

    private int machines;

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1;
    }

    /** What outlives a node: the catalog, the logs and the disk. */
    private final class Machine implements RemovableLogs, NewImages.Catalog {
        final InMemoryIndex index = new InMemoryIndex();
        final Set<ImageId> logs = new HashSet<>();
        final Path notes = folder.resolve("creations-" + machines++);
        Optional<ServiceException> refusal = Optional.empty();
        boolean comesLate;
        boolean logsStand;
        boolean indexStands;
        NewImages images;
        private Optional<CatalogEvent> late = Optional.empty();
        private long nowNanos;
        private int said;
        private int stepsLeft = Integer.MAX_VALUE;

        Machine() throws IOException {
            decide(TestCatalog.announced(TestCatalog.NODE));
            decide(TestCatalog.created(4, "other"));
            logs.add(OTHER);
            images = boot();
        }

        NewImages boot() throws IOException {
            stepsLeft = Integer.MAX_VALUE;
            return new NewImages(notes, index, this::make, this, this, () -> nowNanos);
        }

        private void step() {
            if (stepsLeft-- == 0) {
                throw new Killed();
            }
        }

        private void make(ImageId image) throws IOException {
            step();
            logs.add(image);
            step();
            if (logsStand) {
                throw new LogException.Unavailable("it was made, and has no leader");
            }
        }

        @Override
        public boolean isCurrent() {
            return !indexStands;
        }

        @Override
        public void submit(CatalogEvent event) throws IOException {
            step();
            if (refusal.isPresent()) {
                throw refusal.get();
            }
            if (comesLate) {
                late = Optional.of(event);
            } else {
                decide(event);
            }
            step();
        }

        void decide(CatalogEvent event) throws IOException {
            said++;
            CatalogDecision decision =
                    CatalogRules.decide(new CatalogRecord(1_000_000L * said, TestCatalog.NODE, event), index);
            index.write(decision.changes(), TestCatalog.position(said));
        }

        void land() throws IOException {
            decide(late.orElseThrow());
        }

        void create() throws IOException, InterruptedException {
            images.create(TestCatalog.created(2, "vm1"));
        }

        /** @return whether it was killed */
        boolean createKilledAfter(int steps) throws IOException, InterruptedException {
            stepsLeft = steps;
            try {
                create();
                return false;
            } catch (Killed e) {
                images = boot();
                return true;
            }
        }

        void pass(Duration time) {
            nowNanos += time.toNanos();
            images.clear();
        }

        /** As many images as logs, and nothing noted. */
        void assertNothingIsHalfDone(String when) throws IOException {
            Set<ImageId> expected = index.image(IMAGE).isPresent() ? Set.of(IMAGE, OTHER) : Set.of(OTHER);
            assertThat(logs).as(when).isEqualTo(expected);
            try (Stream<Path> left = Files.list(notes)) {
                assertThat(left).as(when).isEmpty();
            }
        }

        @Override
        public Set<ImageId> images() {
            return Set.copyOf(logs);
        }

        @Override
        public void remove(ImageId image) throws IOException {
            if (logsStand) {
                throw new LogException.Unavailable("the brokers are away");
            }
            logs.remove(image);
        }
    }

    /** Deliberate bugs: the log is made before it is noted; the note goes before the catalog was told; notes are not looked at. */
    @Test
    void whereverTheNodeIsKilledThereIsAnImageWithItsLogOrNeither() throws Exception {
        for (boolean comesLate : new boolean[] {false, true}) {
            boolean wasKilled = true;
            for (int steps = 0; wasKilled; steps++) {
                String when = "killed after " + steps + " steps";
                Machine machine = new Machine();
                machine.comesLate = comesLate;
                wasKilled = machine.createKilledAfter(steps);
                machine.pass(Duration.ZERO);
                machine.pass(NewImages.UNCERTAIN.minusNanos(1));
                if (machine.late.isPresent()) {
                    if (wasKilled) {
                        assertThat(machine.logs).as(when).contains(IMAGE);
                    }
                    machine.land();
                }
                machine.pass(Duration.ofNanos(1));
                machine.assertNothingIsHalfDone(when);
            }
        }
    }

    /** Deliberate bug: the log of an image that was refused stays. */
    @Test
    void whatTheCatalogRefusesLeavesNothing() throws Exception {
        Machine machine = new Machine();
        machine.refusal = Optional.of(new ServiceException(ServiceError.CONFLICT, "there is one"));
        assertThatThrownBy(machine::create).hasMessage("there is one");
        machine.assertNothingIsHalfDone("refused");
    }

    /** Deliberate bug: the log is removed at once, and the record comes to count. */
    @Test
    void whatTheCatalogDoesNotAnswerIsKeptUntilItIsCertain() throws Exception {
        Machine machine = new Machine();
        machine.refusal = Optional.of(new ServiceException(ServiceError.UNAVAILABLE, "nobody knows"));
        assertThatThrownBy(machine::create).hasMessage("nobody knows");
        machine.pass(NewImages.UNCERTAIN.minusNanos(1));
        assertThat(machine.logs).contains(IMAGE);
        machine.pass(Duration.ofNanos(1));
        machine.assertNothingIsHalfDone("not answered");
    }

    /** Turns red where an index that is behind is taken for the catalog. */
    @Test
    void theLogOfAnImageThatTheIndexDoesNotShowYetStays() throws Exception {
        Machine machine = new Machine();
        machine.comesLate = true;
        machine.indexStands = true;
        machine.createKilledAfter(3); // the catalog has it
        machine.pass(NewImages.UNCERTAIN);
        machine.pass(NewImages.UNCERTAIN);
        assertThat(machine.logs).contains(IMAGE);
        machine.land();
        machine.indexStands = false;
        machine.pass(Duration.ZERO);
        machine.assertNothingIsHalfDone("the index goes on");
    }

    /** Deliberate bug: what could not be removed is not tried again. */
    @Test
    void aLogThatCannotBeRemovedNowIsRemovedLater() throws Exception {
        Machine machine = new Machine();
        machine.logsStand = true;
        assertThatThrownBy(machine::create).isInstanceOf(LogException.class);
        machine.pass(NewImages.UNCERTAIN);
        assertThat(machine.logs).contains(IMAGE);
        machine.logsStand = false;
        machine.pass(Duration.ZERO);
        machine.assertNothingIsHalfDone("removed later");
    }
}
