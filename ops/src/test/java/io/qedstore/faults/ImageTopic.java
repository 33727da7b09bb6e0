package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.content.ContentScan;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.ContentDigest;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.fold.FoldState;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogName;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.rebuild.Redo;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.common.TopicPartition;

/**
 * The topic of an image's log, from outside of all nodes.
 *
 * @param id of the image
 * @param lineage of the image
 */
record ImageTopic(String bootstrapServers, UUID id, UUID lineage) {
    String name() {
        return "qedstore.log." + id;
    }

    /** Where the log begins now. */
    long startOffset() {
        try (KafkaLogs logs = connect()) {
            return open(logs).range().startOffset();
        } catch (IOException e) {
            throw new AssertionError("where " + name() + " begins cannot be found out", e);
        }
    }

    void deleteRecordsBefore(long offset) throws ExecutionException, InterruptedException {
        try (Admin admin = Admin.create(Map.of("bootstrap.servers", bootstrapServers))) {
            admin.deleteRecords(Map.of(new TopicPartition(name(), 0), RecordsToDelete.beforeOffset(offset)))
                    .all()
                    .get();
        }
    }

    /** The file that the log makes. */
    byte[] fold() throws IOException {
        MemoryImageFile folded = new MemoryImageFile();
        try (KafkaLogs logs = connect()) {
            redo(logs, folded).until(next -> false);
        }
        ByteBuffer bytes = ByteBuffer.allocate(Math.toIntExact(folded.length()));
        folded.read(0, bytes);
        return bytes.array();
    }

    /**
     * Folds the log, and holds what it says of the file's content against that, whatever copies made of it.
     *
     * @return how often it said something
     */
    int requireRecordedDigests() throws IOException {
        Map<Long, ContentDigest> said = new HashMap<>();
        try (KafkaLogs logs = connect()) {
            redo(logs, new MemoryImageFile()).until(next -> {
                next.body()
                        .contentDigest()
                        .ifPresent(digest -> said.put(digest.sequence().value(), digest));
                return false;
            });
            MemoryImageFile file = new MemoryImageFile();
            redo(logs, file).until(next -> {
                ContentDigest expected = said.get(next.sequence().value() - 1);
                if (expected != null) {
                    ContentDigest found = new ContentDigest(
                            expected.sequence(), file.length(), ContentScan.sum(file, DigestAlgorithm.XXH3_128));
                    assertThat(found).as("the content of image " + id).isEqualTo(expected);
                }
                return false;
            });
        }
        return said.size();
    }

    private KafkaLogs connect() throws IOException {
        return KafkaLogs.connect(KafkaSettings.of("judge", bootstrapServers));
    }

    private KafkaEventLog open(KafkaLogs logs) throws IOException {
        return logs.openToRead(LogName.of(new ImageId(id)));
    }

    private Redo redo(KafkaLogs logs, MemoryImageFile file) throws IOException {
        KafkaEventLog log = open(logs);
        FoldState start = FoldState.start(new ImageId(id), new LineageId(lineage), log.topicId());
        return new Redo(log, start, file, NodesOnKafka.PATIENCE);
    }
}
