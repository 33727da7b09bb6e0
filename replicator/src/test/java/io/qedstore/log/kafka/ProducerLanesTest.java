package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.ImageId;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class ProducerLanesTest {
    private static final int LANES = 4;

    @Test
    void thereAreAsManyLanesAsTheImagesNeed() {
        ProducerSettings settings = ProducerSettings.standard();
        assertThat(settings.withImages(1000, 250).lanes()).isEqualTo(4);
        assertThat(settings.withImages(1001, 250).lanes()).isEqualTo(5);
        assertThat(settings.withImages(1, 250).lanes()).isEqualTo(1);
        assertThat(settings.withImages(Integer.MAX_VALUE, 1).lanes()).isEqualTo(Integer.MAX_VALUE);
    }

    @Test
    void lanesAreFilledEvenly() {
        int[] images = new int[LANES];
        IntStream.range(0, 1000)
                .mapToObj(image -> LogName.of(ImageId.of(7, image)))
                .forEach(name -> images[ProducerLanes.laneOf(name, LANES)]++);
        assertThat(IntStream.of(images)).allMatch(number -> number > 200 && number < 300);
    }

    @Test
    void aLogStaysOnItsLane() {
        LogName name = LogName.of(ImageId.of(1, 2));
        assertThat(ProducerLanes.laneOf(name, LANES)).isEqualTo(ProducerLanes.laneOf(name, LANES));
    }

    /** Turns red when an appender of an image that is given up fails what was said in the catalog at that moment. */
    @Test
    void theCatalogSharesItsProducerWithNoImage() {
        assertThat(ProducerLanes.laneOf(LogName.CATALOG, LANES)).isEqualTo(LANES);
    }
}
