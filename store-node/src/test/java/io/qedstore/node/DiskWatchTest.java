package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ServiceException;
import io.qedstore.config.DiskConfig;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On whatever disk the test runs: it is neither empty nor more than full. */
class DiskWatchTest {
    private static final int NEVER = 101;

    private final Path folder;

    DiskWatchTest(@TempDir Path folder) {
        this.folder = folder;
    }

    private DiskWatch watch(int warn, int stopImages, int stopReplicas) throws IOException {
        return new DiskWatch(folder, new DiskConfig(warn, stopImages, stopReplicas));
    }

    @Test
    void belowAllMarksEverythingGoesOn() throws IOException {
        DiskWatch watch = watch(NEVER, NEVER, NEVER);
        watch.requireRoom("go elsewhere");
        assertThat(watch.replicasStand()).isFalse();
        assertThat(watch.usedPercent()).isBetween(0, 100);
    }

    @Test
    void aWarningStopsNothing() throws IOException {
        DiskWatch watch = watch(0, NEVER, NEVER);
        watch.requireRoom("go elsewhere");
        assertThat(watch.replicasStand()).isFalse();
    }

    @Test
    void firstNoNewImagesComeAndReplicasGoOn() throws IOException {
        DiskWatch watch = watch(0, 0, NEVER);
        assertThatThrownBy(() -> watch.requireRoom("go elsewhere"))
                .isInstanceOf(ServiceException.class)
                .hasMessageContainingAll("disk.stop.images", folder.toString(), "make room, or go elsewhere");
        assertThat(watch.replicasStand()).isFalse();
    }

    @Test
    void thenReplicasStandToo() throws IOException {
        DiskWatch watch = watch(0, 0, 0);
        watch.tick();
        assertThatThrownBy(() -> watch.requireRoom("go elsewhere")).isInstanceOf(ServiceException.class);
        assertThat(watch.replicasStand()).isTrue();
    }
}
