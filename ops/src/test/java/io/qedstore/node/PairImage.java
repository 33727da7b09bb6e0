package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** An image of a {@link NodePair}. */
final class PairImage {
    private static final Duration DEADLINE = Duration.ofMinutes(2);
    private static final int LOOK_MS = 20;

    private static final int FEATURES_OFFSET = 16; // of the header
    private static final int NEED_CHECK = 2;

    private final NodePair pair;
    private final String name;
    private final String id;

    PairImage(NodePair pair, String name, String id) {
        this.pair = pair;
        this.name = name;
        this.id = id;
    }

    String name() {
        return name;
    }

    /** To write, on the owner. */
    String uri() {
        return pair.owner().nbd(name);
    }

    /** To read, on the replica. */
    String replicaUri() {
        return pair.replica().nbd(name + "@latest");
    }

    /** The name that a clone's file has for what it lies over. */
    String baseFileName() throws IOException {
        return pair.json("image", "show", name).get("backing").get("file").asText();
    }

    String id() {
        return id;
    }

    /** Of its log. */
    String topic() {
        return "qedstore.log." + id;
    }

    Path ownerFile() {
        return pair.ownerFile(id);
    }

    Path replicaFile() {
        return pair.replicaFile(id);
    }

    /**
     * Returns once nobody writes, both nodes have the whole log in their files, and neither file needs a check. Nothing changes
     * them then.
     */
    void awaitRest() throws IOException, InterruptedException {
        long deadline = System.nanoTime() + DEADLINE.toNanos();
        while (!isAtRest()) {
            if (System.nanoTime() - deadline > 0) {
                throw new AssertionError("the copies did not come to rest: " + copies());
            }
            TimeUnit.MILLISECONDS.sleep(LOOK_MS);
        }
    }

    private JsonNode copies() throws IOException {
        return pair.json("replica", "list", name);
    }

    private boolean isAtRest() throws IOException {
        JsonNode copies = copies();
        long last = -1;
        for (JsonNode copy : copies) {
            last = Math.max(last, copy.get("sequence").asLong());
        }
        for (JsonNode copy : copies) {
            boolean waits = copy.path("detail").asText().contains("waiting for its base");
            if (copy.get("applied").asLong() != last || !copy.get("clients").isEmpty() || waits) {
                return false;
            }
        }
        return copies.size() == 2 && last > 0 && isClean(ownerFile()) && isClean(replicaFile());
    }

    private static boolean isClean(Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file)) {
            ByteBuffer features = ByteBuffer.allocate(1);
            return channel.read(features, FEATURES_OFFSET) == 1 && (features.get(0) & NEED_CHECK) == 0;
        }
    }

    /** The replica's file is the owner's, byte for byte. */
    void assertSameFiles() throws IOException {
        assertThat(Files.size(ownerFile())).isPositive();
        assertThat(Files.mismatch(ownerFile(), replicaFile()))
                .as("the first byte at which the replica's file differs")
                .isEqualTo(-1);
    }
}
