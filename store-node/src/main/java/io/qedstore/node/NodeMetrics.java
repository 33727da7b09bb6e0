package io.qedstore.node;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MultiGauge;
import io.micrometer.core.instrument.MultiGauge.Row;
import io.micrometer.core.instrument.Tags;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.qedstore.hosting.CopyStatus;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.ImageLife;
import java.io.Closeable;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.function.DoubleSupplier;

/** What the node tells about itself in numbers. */
final class NodeMetrics implements Closeable {
    private final PrometheusMeterRegistry registry = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
    private final JvmGcMetrics garbageCollection = new JvmGcMetrics();

    private final MultiGauge state = perImage("qedstore.image.state", "1 for the state that the node's copy is in");
    private final MultiGauge sequence =
            perImage("qedstore.image.sequence", "The last event that counts, as far as this node has read");
    private final MultiGauge applied = perImage("qedstore.image.applied", "The last event that the node's file has");
    private final MultiGauge synced =
            perImage("qedstore.image.synced", "The last event that is on the node's disk for certain");
    private final MultiGauge lag =
            perImage("qedstore.image.lag.records", "Records of the log that the node knows of and has not read");
    private final MultiGauge pending =
            perImage("qedstore.image.pending.bytes", "Bytes of changes that are not in the node's file yet");
    private final MultiGauge logWait = perImage(
            "qedstore.image.log.wait.seconds", "For how many seconds the log has not answered the image's owner");

    NodeMetrics() {
        new JvmMemoryMetrics().bindTo(registry);
        new ProcessorMetrics().bindTo(registry);
        garbageCollection.bindTo(registry);
    }

    private MultiGauge perImage(String name, String description) {
        return MultiGauge.builder(name).description(description).register(registry);
    }

    /** @param value asked for at each scrape */
    void gauge(String name, String description, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble)
                .description(description)
                .strongReference(true)
                .register(registry);
    }

    /** Looks at the images. */
    void update(Collection<HostedImage> images) {
        List<Row<?>> states = new ArrayList<>();
        List<Row<?>> sequences = new ArrayList<>();
        List<Row<?>> applieds = new ArrayList<>();
        List<Row<?>> synceds = new ArrayList<>();
        List<Row<?>> lags = new ArrayList<>();
        List<Row<?>> pendings = new ArrayList<>();
        List<Row<?>> logWaits = new ArrayList<>();
        for (HostedImage image : images) {
            if (image.image().life() != ImageLife.LIVE) {
                continue; // another may have its name
            }
            CopyStatus status = image.status();
            Tags tags = Tags.of("image", image.image().name().value());
            states.add(Row.of(tags.and("state", Views.word(status.stage())), 1));
            sequences.add(Row.of(
                    tags,
                    status.folded().map(folded -> folded.sequence().value()).orElse(0L)));
            applieds.add(Row.of(tags, status.applied()));
            synceds.add(Row.of(tags, status.synced()));
            lags.add(Row.of(tags, status.lagRecords()));
            pendings.add(Row.of(tags, status.pendingBytes()));
            logWaits.add(Row.of(tags, status.logWait().toSeconds()));
        }
        state.register(states, true);
        sequence.register(sequences, true);
        applied.register(applieds, true);
        synced.register(synceds, true);
        lag.register(lags, true);
        pending.register(pendings, true);
        logWait.register(logWaits, true);
    }

    String scrape() {
        return registry.scrape();
    }

    @Override
    public void close() {
        garbageCollection.close();
        registry.close();
    }
}
