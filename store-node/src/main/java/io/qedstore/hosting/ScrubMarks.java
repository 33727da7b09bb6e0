package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * When each file was last read from its beginning to its end. Kept in a file; without it all begin anew. Safe for many threads.
 */
public final class ScrubMarks {
    private static final Logger LOG = LoggerFactory.getLogger(ScrubMarks.class);

    /** What could not be read is tried again after this. */
    private static final Duration AFTER_FAILURE = Duration.ofMinutes(1);

    private static final int WORDS = 5;

    private final Path file;
    private final LongSupplier nowMicros;
    private final Map<ImageId, Mark> marks = new ConcurrentHashMap<>();
    private final Map<ImageId, Long> failures = new ConcurrentHashMap<>();
    private final Set<ImageId> asked = ConcurrentHashMap.newKeySet();

    /**
     * A file that was read.
     *
     * @param sequence the event that it had then
     * @param atMicros since 1970
     * @param lastBadBlocks how many had to be restored
     * @param allBadBlocks of all times
     */
    public record Mark(long sequence, long atMicros, long lastBadBlocks, long allBadBlocks) {}

    private ScrubMarks(Path file, LongSupplier nowMicros) {
        this.file = file;
        this.nowMicros = nowMicros;
    }

    /**
     * What cannot be read does not count: files are read again sooner then.
     *
     * @param nowMicros since 1970
     */
    public static ScrubMarks load(Path file, LongSupplier nowMicros) {
        ScrubMarks loaded = new ScrubMarks(file, nowMicros);
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file, StandardCharsets.UTF_8).forEach(loaded::parse);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn("the file {} does not say when images were verified ({}); they are again", file, e.toString());
            loaded.marks.clear();
        }
        return loaded;
    }

    private void parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != WORDS) {
            throw new IllegalArgumentException("found '" + line + "', expected an id and four numbers");
        }
        Mark mark = new Mark(
                Long.parseLong(words[1]), Long.parseLong(words[2]), Long.parseLong(words[3]), Long.parseLong(words[4]));
        marks.put(new ImageId(UUID.fromString(words[0])), mark);
    }

    /** Empty if it never was. */
    public Optional<Mark> of(ImageId image) {
        return Optional.ofNullable(marks.get(image));
    }

    long lastMicros(ImageId image) {
        return asked.contains(image) ? -1 : of(image).map(Mark::atMicros).orElse(0L);
    }

    /** @param every zero: only if it was asked for */
    boolean isDue(ImageId image, Duration every) {
        long now = nowMicros.getAsLong();
        Long failed = failures.get(image);
        if (failed != null && now - failed < AFTER_FAILURE.toNanos() / 1000) {
            return false;
        }
        boolean isOld = !every.isZero()
                && of(image)
                        .map(mark -> now - mark.atMicros() >= every.toNanos() / 1000)
                        .orElse(true);
        return asked.contains(image) || isOld;
    }

    void ask(ImageId image) {
        failures.remove(image);
        asked.add(image);
    }

    void failed(ImageId image) {
        failures.put(image, nowMicros.getAsLong());
    }

    void passed(ImageId image, long sequence, long badBlocks) {
        asked.remove(image);
        failures.remove(image);
        long before = of(image).map(Mark::allBadBlocks).orElse(0L);
        marks.put(image, new Mark(sequence, nowMicros.getAsLong(), badBlocks, before + badBlocks));
        storeSoon();
    }

    /** Others do not lie here any more. */
    void keepOnly(Set<ImageId> here) {
        boolean isLess = marks.keySet().retainAll(here);
        failures.keySet().retainAll(here);
        asked.retainAll(here);
        if (isLess) {
            storeSoon();
        }
    }

    private void storeSoon() {
        try {
            store();
        } catch (IOException e) {
            LOG.warn("when images were verified cannot be kept now: {}", e.toString());
        }
    }

    private synchronized void store() throws IOException {
        String text = marks.entrySet().stream()
                .map(entry -> entry.getKey() + " " + entry.getValue().sequence() + " "
                        + entry.getValue().atMicros() + " " + entry.getValue().lastBadBlocks() + " "
                        + entry.getValue().allBadBlocks() + "\n")
                .collect(Collectors.joining());
        DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
