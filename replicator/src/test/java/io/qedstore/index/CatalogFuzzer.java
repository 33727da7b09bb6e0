package io.qedstore.index;

import com.sun.management.ThreadMXBean;
import io.qedstore.event.CatalogCodec;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.CorruptRecordException;
import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.log.LogException;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.qed.fuzz.FuzzInput;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.jspecify.annotations.Nullable;

/**
 * The fuzz target: a catalog whose records nobody wrote on purpose. Of each the bytes say the length, in two bytes, and then
 * what it holds.
 *
 * <p>What must hold for every record:
 *
 * <ul>
 *   <li>it is corrupt, or it is not understood and nothing has moved then, or it has a verdict, always the same;
 *   <li>that takes little memory;
 *   <li>a void one says why, and changes nothing;
 *   <li>what is understood is the same once it was written again; anything else is not written.
 * </ul>
 *
 * <p>And for the catalog behind each record that counts: names, live images, placements, clones, snapshots and floors agree.
 */
public final class CatalogFuzzer {
    private static final int MAX_RECORDS = 60;
    private static final int ALL = 1000;
    private static final long MEMORY_BYTES = 1 << 20;
    private static final long MEMORY_PER_BYTE = 1500;
    private static final int MEMORY_ATTEMPTS = 12;
    private static final ThreadMXBean THREADS = (ThreadMXBean) ManagementFactory.getThreadMXBean();

    private final FuzzInput input;
    private final InMemoryIndex index = new InMemoryIndex();
    private final CatalogFold fold = new CatalogFold(TestCatalog.TOPIC, index);
    private Depth depth = Depth.NOTHING_COUNTS;

    /** By the fold, of the last record. */
    private long usedBytes;

    private CatalogFuzzer(byte[] bytes) throws IOException {
        this.input = new FuzzInput(bytes);
    }

    /** Called by Jazzer for each input. */
    public static void fuzzerTestOneInput(byte[] bytes) throws IOException {
        depth(bytes);
    }

    /** How far an input got; the seeds' test wants all of them. */
    enum Depth {
        NOTHING_COUNTS,
        APPLIED,
        NOT_UNDERSTOOD
    }

    /** Makes every test with one input. Too much memory counts if it is always too much: at first, classes are loaded. */
    static Depth depth(byte[] bytes) throws IOException {
        for (int attempt = 1; ; attempt++) {
            CatalogFuzzer fuzzer = new CatalogFuzzer(bytes);
            boolean isLittle = fuzzer.run(attempt == MEMORY_ATTEMPTS);
            if (isLittle) {
                return fuzzer.depth;
            }
        }
    }

    /** @return whether no record took too much memory */
    private boolean run(boolean isLastAttempt) throws IOException {
        boolean isLittle = true;
        for (int count = 0; !input.isExhausted() && count < MAX_RECORDS; count++) {
            byte[] record = input.bytes(input.u16());
            requireSameWhenWritten(record);
            take(record);
            isLittle &= usedBytes <= MEMORY_BYTES + MEMORY_PER_BYTE * record.length;
            require(isLittle || !isLastAttempt, "a record takes too much memory", record.length, usedBytes);
        }
        return isLittle;
    }

    private static void requireSameWhenWritten(byte[] record) {
        CatalogRecord read;
        try {
            read = CatalogCodec.decode(ByteBuffer.wrap(record));
        } catch (CorruptRecordException e) {
            return;
        }
        boolean known = !(read.event() instanceof CatalogEvent.Unknown);
        byte[] written;
        try {
            written = CatalogCodec.encode(read);
        } catch (IllegalArgumentException e) {
            require(!known, "cannot be written", read, e);
            return;
        }
        require(known, "was written, and is not understood", read);
        try {
            require(CatalogCodec.decode(ByteBuffer.wrap(written)).equals(read), "is another when written", read);
        } catch (CorruptRecordException e) {
            throw new AssertionError("cannot be read when written: " + read, e);
        }
    }

    private void take(byte[] record) throws IOException {
        LogPosition before = fold.position();
        StoredRecord stored = new StoredRecord(before.nextOffset(), OptionalInt.of(3), ByteBuffer.wrap(record));
        List<Object> stood = said();
        CatalogDecision first = decided(record);
        CatalogFold.Judged judged;
        long memory = THREADS.getCurrentThreadAllocatedBytes();
        try {
            judged = fold.next(stored);
        } catch (LogException.NotUnderstood e) {
            require(fold.position().equals(before), "the fold has moved, and threw", e);
            require(said().equals(stood), "the catalog has changed, and the fold threw", e);
            depth = Depth.NOT_UNDERSTOOD;
            return;
        } finally {
            usedBytes = THREADS.getCurrentThreadAllocatedBytes() - memory;
        }
        CatalogDecision decision = judged.decision();
        require(first == null || first.equals(decision), "another at the second time", decision);
        require(fold.position().equals(LogPosition.after(stored)), "the fold stands elsewhere", fold.position());
        if (decision.verdict().isVoid()) {
            require(decision.changes().isEmpty(), "void, with changes", decision);
            require(!decision.reason().isEmpty(), "void without a reason", decision);
            require(said().equals(stood), "void, and the catalog has changed", decision);
            return;
        }
        require(decision.reason().isEmpty(), "counts, with a reason", decision);
        depth = depth == Depth.NOTHING_COUNTS ? Depth.APPLIED : depth;
        requireAgreement();
    }

    /** What would be decided; null of what is none. */
    private @Nullable CatalogDecision decided(byte[] record) throws IOException {
        CatalogRecord read;
        try {
            read = CatalogCodec.decode(ByteBuffer.wrap(record));
        } catch (CorruptRecordException e) {
            return null;
        }
        try {
            CatalogDecision decision = CatalogRules.decide(read, index);
            require(!(read.event() instanceof CatalogEvent.Unknown), "decided, and is not understood", read);
            return decision;
        } catch (IllegalArgumentException e) {
            require(read.event() instanceof CatalogEvent.Unknown, "cannot be decided", read, e);
            return null;
        }
    }

    /** All of the catalog, to be compared. */
    private List<Object> said() {
        List<Object> said = new ArrayList<>(List.of(index.liveImages(), index.nodes()));
        for (CatalogImage image : index.imagesById(Optional.empty(), ALL)) {
            said.add(image);
            said.add(index.snapshots(image.id()));
            said.add(index.checkpoints(image.id()));
            said.add(index.clones(image.id()));
        }
        return said;
    }

    // ---- the catalog

    private void requireAgreement() {
        List<CatalogImage> images = index.imagesById(Optional.empty(), ALL);
        List<CatalogImage> live =
                images.stream().filter(image -> image.life() == ImageLife.LIVE).toList();
        require(live.size() == index.liveImages(), "images live, and are said to", live.size(), index.liveImages());
        List<CatalogImage> named = index.imagesByName(Optional.empty(), ALL);
        require(named.size() == live.size(), "images have names, and live", named.size(), live.size());
        for (CatalogImage image : images) {
            boolean isNamed = index.image(image.name()).equals(Optional.of(image));
            require(isNamed == (image.life() == ImageLife.LIVE), "its name says otherwise", image);
            require(image.geometry().permitsImageSize(image.sizeBytes()), "an impossible size", image);
            image.rewind().ifPresent(rewind -> requireFrom(image, rewind.point().value(), "a rewind"));
            requireHistory(image);
            requireBase(image);
            requirePlaced(image);
        }
    }

    private void requireHistory(CatalogImage image) {
        boolean isGone = image.life() == ImageLife.PURGED;
        List<Snapshot> snapshots = index.snapshots(image.id());
        require(!isGone || snapshots.isEmpty(), "snapshots of a purged image", snapshots);
        require(!isGone || index.checkpoints(image.id()).isEmpty(), "checkpoints of a purged image");
        snapshots.forEach(snapshot -> requireFrom(image, snapshot.sequence().value(), "a snapshot"));
        for (CloneOf clone : index.clones(image.id())) {
            require(!isGone, "a clone of a purged image", clone);
            requireFrom(image, clone.sequence().value(), "a clone");
            ImageLife life = index.image(clone.image()).orElseThrow().life();
            require(life != ImageLife.PURGED, "a purged clone", clone);
            require(
                    life != ImageLife.LIVE || image.life() == ImageLife.LIVE,
                    "a live clone of what does not live",
                    clone);
        }
    }

    private static void requireFrom(CatalogImage image, long sequence, String what) {
        require(sequence >= image.floor().value(), what + " lies below the floor", sequence, image);
    }

    private void requireBase(CatalogImage image) {
        if (image.backing().isEmpty()) {
            return;
        }
        ImageId base = image.backing().get().image();
        CloneOf clone = new CloneOf(base, image.id(), image.backing().get().sequence());
        boolean isKnown = index.clones(base).contains(clone);
        require(isKnown == (image.life() != ImageLife.PURGED), "its base says otherwise", image, clone);
    }

    private void requirePlaced(CatalogImage image) {
        for (CatalogNode node : index.nodes()) {
            boolean isWanted = image.life() != ImageLife.PURGED
                    && image.placement().nodes().contains(node.id());
            require(placedOn(node.id()).contains(image) == isWanted, "not placed as it says", node, image);
        }
        boolean isLost = image.life() != ImageLife.PURGED
                && image.placement().nodes().stream()
                        .anyMatch(node -> index.node(node).isEmpty());
        require(!isLost, "placed on a node that is not there", image);
    }

    private List<CatalogImage> placedOn(NodeId node) {
        return index.imagesPlacedOn(node, Optional.empty(), ALL);
    }

    private static void require(boolean holds, String what, Object... about) {
        if (!holds) {
            throw new AssertionError(what + ": " + Arrays.toString(about));
        }
    }
}
