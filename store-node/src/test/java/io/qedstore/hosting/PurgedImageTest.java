package io.qedstore.hosting;

import static io.qedstore.hosting.HostingRig.IMAGE;
import static io.qedstore.hosting.HostingRig.ONE;
import static io.qedstore.hosting.HostingRig.image;
import static io.qedstore.hosting.HostingRig.ownedBy;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.index.CatalogChange;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.ImageLife;
import io.qedstore.index.InMemoryIndex;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PurgedImageTest {
    private static final CatalogPosition PLACE = new CatalogPosition(new TopicId(new UUID(1, 1)), LogPosition.START);

    private final Path folder;
    private final HostingRig rig;
    private final HostingRig.Node node;
    private final HostedImages hosted;

    PurgedImageTest(@TempDir Path folder) throws IOException {
        this.folder = folder;
        rig = new HostingRig(folder);
        node = rig.new Node(ONE);
        hosted = new HostedImages(node.host(), node);
    }

    @BeforeEach
    void writeAndDelete() throws IOException {
        hosted.update(ownedBy(ONE));
        Volume volume = rig.now(hosted.get(IMAGE).orElseThrow().own());
        rig.write(volume, 0, 65536, 1);
        rig.settle();
        Files.writeString(node.file().resolveSibling(IMAGE + ".set-aside-1"), "what it was before");
        Files.writeString(node.file().resolveSibling("a file of somebody's"), "that stays");
        hosted.update(image(ImageLife.TRASHED, ONE));
        rig.settle();
        assertThat(files()).hasSize(4);
        assertThat(node.progress.ceiling(IMAGE)).isPresent();
    }

    private List<String> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve(ONE.value()))) {
            return files.map(file -> String.valueOf(file.getFileName())).toList();
        }
    }

    private void assertNothingIsLeft() throws IOException {
        assertThat(files()).containsExactly("a file of somebody's");
        assertThat(node.progress.ceiling(IMAGE)).isEmpty();
        assertThat(node.progress.synced(IMAGE)).isEmpty();
    }

    @Test
    void ofAnImageThatIsPurgedNothingIsLeft() throws IOException {
        HostedImage before = hosted.get(IMAGE).orElseThrow();
        hosted.update(image(ImageLife.PURGED, ONE));
        rig.settle();
        assertThat(hosted.get(IMAGE)).isEmpty();
        assertThat(rig.failureOf(before.own())).hasMessageContaining("it was purged");
        assertNothingIsLeft();
        hosted.update(image(ImageLife.PURGED, ONE));
        rig.settle();
        assertNothingIsLeft();
    }

    @Test
    void whatTheLastStartLeftGoesAtTheNext() throws IOException {
        HostingRig.Node again = rig.new Node(ONE); // the other was killed before it could remove anything
        again.progress = node.progress;
        HostedImages next = new HostedImages(again.host(), again);
        InMemoryIndex index = new InMemoryIndex();
        next.removeOthers(index);
        index.write(List.of(new CatalogChange.ImageSet(image(ImageLife.TRASHED, ONE))), PLACE);
        next.removeOthers(index);
        assertThat(files()).hasSize(4);
        index.write(List.of(new CatalogChange.ImageSet(image(ImageLife.PURGED, ONE))), PLACE);
        next.removeOthers(index);
        assertNothingIsLeft();
    }
}
