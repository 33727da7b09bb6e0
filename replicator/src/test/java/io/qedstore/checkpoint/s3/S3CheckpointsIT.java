package io.qedstore.checkpoint.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.checkpoint.CheckpointStore;
import io.qedstore.checkpoint.CheckpointStoreContract;
import io.qedstore.checkpoint.ObjectCheckpoints;
import io.qedstore.event.NodeId;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** Checkpoints on a real server. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
@Tag("once") // on one JDK
class S3CheckpointsIT extends CheckpointStoreContract {
    private final S3Server server;
    private S3Objects objects;
    private int tests;

    S3CheckpointsIT(@TempDir Path folder) throws IOException, InterruptedException {
        server = S3Server.start(folder);
        objects = open("none");
    }

    @BeforeAll
    static void sayWho() {
        System.setProperty("aws.accessKeyId", "test");
        System.setProperty("aws.secretAccessKey", "test");
    }

    private S3Objects open(String prefix) throws IOException {
        return S3Objects.at(S3Location.parse(
                "s3://" + S3Server.BUCKET + "/" + prefix, Optional.of(server.endpoint()), Optional.empty()));
    }

    @BeforeEach
    void begin() throws IOException {
        objects.close();
        objects = open("test/" + tests++);
    }

    @AfterEach
    void clear() throws IOException {
        objects.delete(objects.list("").keySet());
    }

    @AfterAll
    void stop() {
        objects.close();
        server.close();
    }

    @Override
    protected CheckpointStore store() {
        return new ObjectCheckpoints(objects, new NodeId("s3"));
    }

    @Override
    protected long pieces() throws IOException {
        return objects.list("").size();
    }

    @Test
    void thereMayBeMoreObjectsThanOneAnswerNames() throws IOException {
        for (int i = 0; i < 1100; i++) {
            objects.put("many/" + i, new byte[] {1});
        }
        Map<String, Long> found = objects.list("many/");
        assertThat(found).hasSize(1100).containsEntry("many/1099", 1L);
    }

    @Test
    void anObjectThatIsTooLongIsNotRead() throws IOException {
        objects.put("long", new byte[100]);
        assertThatThrownBy(() -> objects.get("long", 99)).hasMessageContaining("more than 99 bytes");
        assertThat(objects.get("long", 100))
                .hasValueSatisfying(bytes -> assertThat(bytes).hasSize(100));
        assertThat(objects.get("none", 100)).isEmpty();
        objects.delete(List.of("long", "none"));
        assertThat(objects.list("")).isEmpty();
    }

    @Test
    void aBucketThatIsNotThereIsNamed() throws IOException {
        S3Location elsewhere =
                S3Location.parse("s3://no-such-bucket/x", Optional.of(server.endpoint()), Optional.empty());
        try (S3Objects missing = S3Objects.at(elsewhere)) {
            assertThatThrownBy(() -> missing.put("a", new byte[1]))
                    .isInstanceOf(IOException.class)
                    .hasMessageContaining("s3://no-such-bucket/x/");
        }
    }
}
