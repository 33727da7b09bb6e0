package io.qedstore.node;

import io.qedstore.event.ImageId;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * For how long images have been in the trash while this node ran: the time is added up, so a clock that jumps, or a node that was
 * switched off for a month, makes no image older. Kept in a file; without it all begin at zero. For one thread at a time.
 */
final class TrashAges {
    private static final Logger LOG = LoggerFactory.getLogger(TrashAges.class);

    private final Path file;
    private Map<Stay, Duration> ages = new HashMap<>();

    /** An image's time in the trash; one that comes back and is deleted again begins another. */
    private record Stay(ImageId image, long sinceMicros) {
        static Stay of(CatalogImage image) {
            return new Stay(image.id(), image.lifeMicros());
        }
    }

    private TrashAges(Path file) {
        this.file = file;
    }

    /** What cannot be read does not count: images stay in the trash for longer then. */
    static TrashAges load(Path file) {
        TrashAges loaded = new TrashAges(file);
        try {
            if (Files.exists(file)) {
                Files.readAllLines(file, StandardCharsets.UTF_8).forEach(loaded::parse);
            }
        } catch (IOException | IllegalArgumentException e) {
            LOG.warn(
                    "the file {} does not say how long images were in the trash ({}); they begin anew",
                    file,
                    e.toString());
            loaded.ages.clear();
        }
        return loaded;
    }

    private void parse(String line) {
        String[] words = line.split(" ", -1);
        if (words.length != 3) {
            throw new IllegalArgumentException("found '" + line + "', expected an id, a time and seconds");
        }
        Stay stay = new Stay(new ImageId(UUID.fromString(words[0])), Long.parseLong(words[1]));
        ages.put(stay, Duration.ofSeconds(Long.parseLong(words[2])));
    }

    Duration of(CatalogImage image) {
        return ages.getOrDefault(Stay.of(image), Duration.ZERO);
    }

    /**
     * All that was in the trash at the call before, and still is, has been there for some more time; what is not there any more
     * is forgotten. Where the file cannot be written, the next start makes them younger.
     *
     * @param more whole seconds
     */
    void pass(Duration more, Collection<CatalogImage> trash) {
        Map<Stay, Duration> before = ages;
        ages = new HashMap<>();
        for (CatalogImage image : trash) {
            Duration age = before.get(Stay.of(image));
            ages.put(Stay.of(image), age == null ? Duration.ZERO : age.plus(more));
        }
        if (!ages.equals(before)) {
            try {
                store();
            } catch (IOException e) {
                LOG.warn("how long images were in the trash cannot be kept now: {}", e.toString());
            }
        }
    }

    private void store() throws IOException {
        String text = ages.entrySet().stream()
                .map(entry -> entry.getKey().image() + " " + entry.getKey().sinceMicros() + " "
                        + entry.getValue().toSeconds() + "\n")
                .collect(Collectors.joining());
        DurableFile.replace(file, text.getBytes(StandardCharsets.UTF_8));
    }
}
