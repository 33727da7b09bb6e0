package io.qedstore.rebuild;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.time.Duration;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class RedoTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    private WrittenLog log = newLog();
    private MemoryImageFile file = new MemoryImageFile();

    private static WrittenLog newLog() {
        try {
            return new WrittenLog(new Random(7), 40);
        } catch (IOException e) {
            throw new AssertionError(e);
        }
    }

    @BeforeEach
    void begin() {
        log = newLog();
        file = new MemoryImageFile();
    }

    @Test
    void eachEventCanBeReachedAndNothingBehindItIsApplied() throws IOException {
        for (int last = 0; last <= log.events.size(); last++) {
            MemoryImageFile target = new MemoryImageFile();
            FoldState reached = new Redo(log, log.start, target, PATIENCE).upTo(new Sequence(last));
            assertThat(reached).isEqualTo(log.behind(last));
            assertThat(WrittenLog.bytes(target)).isEqualTo(WrittenLog.bytes(log.fileBehind(last)));
        }
    }

    @Test
    void itGoesOnFromWhereTheFileIs() throws IOException {
        int half = log.events.size() / 2;
        file = log.fileBehind(half);
        new Redo(log, log.behind(half), file, PATIENCE).upTo(new Sequence(log.events.size()));
        assertThat(WrittenLog.bytes(file)).isEqualTo(WrittenLog.bytes(log.fileBehind(log.events.size())));
    }

    @Test
    void aPlaceBehindWhatIsAskedForStaysAsItIs() throws IOException {
        FoldState at = log.behind(3);
        assertThat(new Redo(log.silent(), at, file, PATIENCE).upTo(new Sequence(2)))
                .isEqualTo(at);
        assertThat(file.length()).isZero();
    }

    @Test
    void itStopsBeforeTheFirstEventThatIsBeyond() throws IOException {
        FoldState reached = new Redo(log, log.start, file, PATIENCE)
                .until(next -> next.sequence().value() > 5);
        assertThat(reached).isEqualTo(log.behind(5));
        assertThat(WrittenLog.bytes(file)).isEqualTo(WrittenLog.bytes(log.fileBehind(5)));
    }

    @Test
    void aLogThatEndsBeforeTheEventIsNamed() {
        assertThatThrownBy(() -> new Redo(log, log.start, file, PATIENCE).upTo(new Sequence(log.events.size() + 1)))
                .isInstanceOf(LogException.Truncated.class)
                .hasMessageContaining("ends at event " + log.events.size());
    }

    @Test
    void aLogThatDoesNotAnswerIsNotWaitedForForEver() {
        assertThatThrownBy(() -> new Redo(log.silent(), log.start, file, Duration.ofMillis(1)).upTo(new Sequence(1)))
                .isInstanceOf(LogException.Unavailable.class)
                .hasMessageContaining("gave no answer");
    }

    @Test
    void whatIsWrongWithTheLogIsSaid() {
        LogException gap = new LogException.Gap("records are missing");
        assertThatThrownBy(() -> new Redo(log.failing(gap), log.start, file, PATIENCE).upTo(new Sequence(1)))
                .isSameAs(gap);
    }

    @Test
    void anInterruptIsKept() {
        Thread.currentThread().interrupt();
        assertThatThrownBy(() -> new Redo(log.silent(), log.start, file, PATIENCE).upTo(new Sequence(1)))
                .hasMessageContaining("interrupted");
        assertThat(Thread.interrupted()).isTrue();
    }
}
