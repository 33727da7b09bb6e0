package io.qedstore.checkpoint;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.MemoryImageFile;
import io.qedstore.qed.model.Seeds;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Random;
import org.junit.jupiter.api.Test;

class ObjectCheckpointsTest extends CheckpointStoreContract {
    private final InMemoryObjects objects = new InMemoryObjects();
    private final MemoryImageFile large = large();

    private static MemoryImageFile large() {
        MemoryImageFile file = new MemoryImageFile();
        byte[] data = new byte[20 << 20];
        new Random(1).nextBytes(data);
        file.write(4096, ByteBuffer.wrap(data));
        return file;
    }

    @Override
    protected ObjectCheckpoints store() {
        return new ObjectCheckpoints(objects, new NodeId("store"));
    }

    @Override
    protected long pieces() {
        return objects.objects.size();
    }

    @Test
    void aPutThatWasEndedGoesOnWithTheChunksThatAreThere() throws IOException {
        CheckpointDescription description = TestCheckpoints.describe(large, 3);
        assertThatThrownBy(() -> store().put(description, large, (next, bytes) -> {
                    if (next == 2) {
                        throw new IOException("ended");
                    }
                }))
                .hasMessage("ended");
        assertThat(objects.puts).isEqualTo(2);
        store().put(description, large, (next, bytes) -> {});
        assertThat(objects.puts).isEqualTo(4); // the third chunk, and the manifest
    }

    @Test
    void oneThatHasLostAChunkIsNotWholeAndIsPutAgain() throws IOException {
        CheckpointDescription description = TestCheckpoints.describe(large, 3);
        store().put(description, large, (next, bytes) -> {});
        String chunk = objects.objects.firstKey();
        objects.objects.remove(chunk);
        assertThat(store().isWhole(TestCheckpoints.IMAGE, new Sequence(3))).isFalse();
        store().put(description, large, (next, bytes) -> {});
        assertThat(store().isWhole(TestCheckpoints.IMAGE, new Sequence(3))).isTrue();
        assertThat(objects.objects).containsKey(chunk);
    }

    @Test
    void aBitThatWasChangedAnywhereIsFound() {
        MemoryImageFile file = TestCheckpoints.file(new Random(9), 12);
        Seeds.forEach(100, seed -> {
            Random random = new Random(seed);
            CheckpointDescription put = store().put(TestCheckpoints.describe(file, 3), file, (next, bytes) -> {});
            byte[] changed = objects.objects.values().stream()
                    .skip(random.nextInt(objects.objects.size()))
                    .findFirst()
                    .orElseThrow();
            changed[random.nextInt(changed.length)] ^= (byte) (1 << random.nextInt(8));
            assertThatThrownBy(() -> store().restore(put, new MemoryImageFile(), 0, (next, bytes) -> {}))
                    .isInstanceOf(CheckpointException.class);
            objects.objects.clear();
        });
    }

    @Test
    void theSameContentIsTheSameObjectsWhereverItsHolesAre() throws IOException {
        MemoryImageFile file = TestCheckpoints.file(new Random(5), 30);
        store().put(TestCheckpoints.describe(file, 3), file, (next, bytes) -> {});
        var keys = java.util.List.copyOf(objects.objects.keySet());
        objects.objects.clear();
        MemoryImageFile filled = MemoryImageFile.of(file.toBytes());
        store().put(TestCheckpoints.describe(filled, 3), filled, (next, bytes) -> {});
        assertThat(objects.objects.keySet()).containsExactlyElementsOf(keys);
    }
}
