package io.qedstore.fold;

import com.sun.management.ThreadMXBean;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CorruptRecordException;
import io.qedstore.event.EventCodec;
import io.qedstore.event.LogRecord;
import io.qedstore.event.LogRecord.Event;
import io.qedstore.event.Records;
import io.qedstore.event.Sequence;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.file.MemoryImageFile;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * The fuzz target: an image's log whose records nobody wrote on purpose, through the fold into a file.
 *
 * <p>What must hold for every record:
 *
 * <ul>
 *   <li>it has a verdict, or the fold says by name why it goes no further, and has not moved then;
 *   <li>that takes little memory;
 *   <li>what does not count leaves the file alone;
 *   <li>an owner that takes it as its own, unread, comes to the same place;
 *   <li>the place is one that can be stored;
 *   <li>what is understood is the same once it was written again, in no more bytes than were said; anything else is not
 *       written.
 * </ul>
 *
 * <p>And for the file: an event is in it, or the disk says why not; its sum is that of what it holds; and all is the same after
 * a redo from any event.
 */
public final class ImageLogFuzzer {
    private static final TopicId TOPIC = new TopicId(new UUID(5, 6));
    private static final int MAX_RECORDS = 60;

    /** A record costs so much at most; a change of a few bytes becomes several objects. */
    private static final long MEMORY_BYTES = 1 << 20;

    private static final long MEMORY_PER_BYTE = 1500;
    private static final int MEMORY_ATTEMPTS = 12;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FuzzedLog log;
    private final FoldState start = FoldState.start(Records.IMAGE, Records.LINEAGE, TOPIC);
    private final Fold fold = new Fold(start);
    private final Fold owner = new Fold(start);
    private final MemoryImageFile disk = new MemoryImageFile();
    private final NarrowFile file = new NarrowFile(disk);
    private final List<Event> applied = new ArrayList<>();
    private final FoldedFile folded;
    private @Nullable IOException failure;

    private ImageLogFuzzer(byte[] bytes) throws IOException {
        this.log = new FuzzedLog(bytes);
        this.folded = new FoldedFile(
                file, new InMemoryProgress(), start, start, 100, Runnable::run, new FoldedFile.Listener() {
                    @Override
                    public void applied(Sequence upTo) {}

                    @Override
                    public void failed(IOException cause) {
                        failure = cause;
                    }
                });
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        depth(bytes);
    }

    /** How far an input got; the seeds' test wants all of them. */
    enum Depth {
        NOTHING_COUNTS,
        OPENED,
        APPLIED,
        FILE_FAILED
    }

    /** Makes every test with one input. Too much memory counts if it is always too much: at first, classes are loaded. */
    static Depth depth(byte[] bytes) throws IOException {
        for (int attempt = 1; ; attempt++) {
            try {
                return new ImageLogFuzzer(bytes).run();
            } catch (TooMuchMemoryException e) {
                if (attempt == MEMORY_ATTEMPTS) {
                    throw e;
                }
            }
        }
    }

    private static final class TooMuchMemoryException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        private TooMuchMemoryException(String message) {
            super(message);
        }
    }

    private Depth run() throws IOException {
        for (int count = 0; log.hasNext() && count < MAX_RECORDS && failure == null; count++) {
            byte[] record = log.next(fold.state());
            requireSameWhenWritten(record);
            take(record);
        }
        if (failure != null) {
            requireOfTheDisk(failure);
            return Depth.FILE_FAILED;
        }
        if (applied.isEmpty()) {
            return fold.epoch().value() == 0 ? Depth.NOTHING_COUNTS : Depth.OPENED;
        }
        requireSound();
        return Depth.APPLIED;
    }

    // ---- records

    private static void requireSameWhenWritten(byte[] record) {
        LogRecord read;
        try {
            read = EventCodec.decode(ByteBuffer.wrap(record));
        } catch (CorruptRecordException e) {
            return;
        }
        boolean known =
                !(read instanceof LogRecord.Unknown) && notUnderstood(read).isEmpty();
        byte[] written;
        try {
            written = EventCodec.encode(read);
        } catch (IllegalArgumentException e) {
            require(!known, "cannot be written", read, e);
            return;
        }
        require(known, "was written, and is not understood", read);
        try {
            require(EventCodec.decode(ByteBuffer.wrap(written)).equals(read), "is another when written", read);
        } catch (CorruptRecordException e) {
            throw new AssertionError("cannot be read when written: " + read, e);
        }
        if (read instanceof Event event) {
            long most = event.body().maxEncodedBytes();
            require(written.length <= most, "longer than said", written.length, most, read);
        }
    }

    private static Optional<String> notUnderstood(LogRecord record) {
        return record instanceof Event event ? event.body().notUnderstood() : Optional.empty();
    }

    private void take(byte[] record) throws IOException {
        FoldState before = fold.state();
        int changes = file.changes();
        StoredRecord stored =
                new StoredRecord(before.position().nextOffset(), OptionalInt.of(3), ByteBuffer.wrap(record));
        long memory = THREADS.getCurrentThreadAllocatedBytes();
        Fold.Judged judged;
        try {
            judged = fold.next(stored);
        } catch (LogException e) {
            require(fold.state().equals(before), "the fold has moved, and threw", e);
            requireOwnerRefuses(record);
            return;
        } finally {
            requireLittleMemory(THREADS.getCurrentThreadAllocatedBytes() - memory, record.length);
        }
        requireMoved(before, judged.verdict(), record);
        requireOwnerAgrees(judged, record);
        Optional<Event> event = judged.toApply();
        if (event.isPresent()) {
            applied.add(event.get());
            folded.folded(event.get(), fold.state());
            require(failure != null || folded.applied().equals(fold.state()), "an event was not applied");
        } else {
            require(file.changes() == changes, "the file has changed", judged);
        }
    }

    private static void requireLittleMemory(long used, int recordBytes) {
        long allowed = MEMORY_BYTES + MEMORY_PER_BYTE * recordBytes;
        if (used > allowed) {
            throw new TooMuchMemoryException(
                    "a record of " + recordBytes + " bytes took " + used + " of memory, allowed are " + allowed);
        }
    }

    private void requireMoved(FoldState before, Verdict verdict, byte[] record) throws FoldStateException {
        FoldState after = fold.state();
        require(after.position().equals(LogPosition.after(stored(before, record))), "the fold stands elsewhere", after);
        require(FoldStateCodec.decode(FoldStateCodec.encode(after)).equals(after), "is another when stored", after);
        long events = after.sequence().value() - before.sequence().value();
        require(events == (verdict == Verdict.APPLIED ? 1 : 0), "worth another count of events", verdict, events);
        long epochs = after.epoch().value() - before.epoch().value();
        require(epochs == (verdict == Verdict.OPENED ? 1 : 0), "worth another count of epochs", verdict, epochs);
        if (verdict == Verdict.APPLIED) {
            Digest digest = after.algorithm().orElseThrow().of(record);
            require(after.digest().equals(digest), "the chain goes on elsewhere", after);
        } else {
            require(after.digest().equals(before.digest()), "the chain has changed", verdict);
            require(after.timeMicros() == before.timeMicros(), "the time has changed", verdict);
        }
        boolean ends = verdict == Verdict.TOO_HIGH || verdict == Verdict.WRONG_DIGEST;
        require(
                !verdict.isVoid() || ends || after.ownership().equals(before.ownership()),
                "the ownership has changed",
                verdict);
    }

    private static StoredRecord stored(FoldState before, byte[] record) {
        return new StoredRecord(before.position().nextOffset(), OptionalInt.of(3), ByteBuffer.wrap(record));
    }

    private void requireOwnerAgrees(Fold.Judged judged, byte[] record) throws IOException {
        LogRecord read = judged.record();
        if (read == null) {
            owner.next(stored(owner.state(), record));
            return;
        }
        Digest digest = digester(read).of(record);
        Verdict verdict = owner.own(read, digest, owner.nextOffset());
        require(verdict == judged.verdict(), "the owner says, and others", verdict, judged);
        require(owner.state().isSame(fold.state()), "the owner is at, and others", owner.state(), fold.state());
    }

    private void requireOwnerRefuses(byte[] record) throws CorruptRecordException {
        LogRecord read = EventCodec.decode(ByteBuffer.wrap(record));
        FoldState before = owner.state();
        try {
            Verdict verdict = owner.own(read, digester(read).of(record), owner.nextOffset());
            throw new AssertionError("the owner says " + verdict + " of what others refuse: " + read);
        } catch (LogException e) {
            require(owner.state().equals(before), "the owner's fold has moved, and threw", e);
        }
    }

    private DigestAlgorithm digester(LogRecord record) {
        DigestAlgorithm chain = owner.state().algorithm().orElse(DigestAlgorithm.XXH3_128);
        return record instanceof Event event ? event.body().genesis().orElse(chain) : chain;
    }

    // ---- the file

    /** That is what an {@link IOException} without a cause says; others are bugs. */
    private static void requireOfTheDisk(IOException failure) {
        boolean isNamed = failure.getCause() == null
                && !Objects.toString(failure.getMessage()).contains("report");
        if (!isNamed) {
            throw new AssertionError("an event was not applied, and the disk is not why", failure);
        }
    }

    private void requireSound() throws IOException {
        DigestAlgorithm algorithm = fold.state().algorithm().orElseThrow();
        Digest said = folded.contentRecord().last().orElseThrow().sum();
        require(said.equals(ContentScan.sum(disk, algorithm)), "the sum is not that of the file");
        MemoryImageFile again = new MemoryImageFile();
        redo(0, again);
        require(disk.firstDifference(again).isEmpty(), "another file by the same events");
        redo(applied.size() / 2, again);
        require(disk.firstDifference(again).isEmpty(), "another file after a redo");
    }

    private void redo(int from, MemoryImageFile target) throws IOException {
        for (Event event : applied.subList(from, applied.size())) {
            for (QedChange change : event.body().changes()) {
                change.applyTo(target);
            }
        }
    }

    private static void require(boolean holds, String what, Object... about) {
        if (!holds) {
            throw new AssertionError(what + ": " + Arrays.toString(about));
        }
    }
}
