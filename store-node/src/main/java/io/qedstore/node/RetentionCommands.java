package io.qedstore.node;

import io.qedstore.api.RetentionBound;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.Retention;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.retention.Bound;
import io.qedstore.retention.RetentionPlan;
import java.io.IOException;
import java.util.Optional;
import java.util.OptionalLong;

/** How much of an image's history is kept. Its owner answers: it is the one that gives history up. */
final class RetentionCommands {
    private final NodeParts parts;
    private final ImageLookup lookup;

    RetentionCommands(NodeParts parts, ImageLookup lookup) {
        this.parts = parts;
        this.lookup = lookup;
    }

    RetentionInfo show(String name) throws IOException {
        CatalogImage image = lookup.live(name);
        lookup.owned(image);
        return info(image);
    }

    private RetentionInfo info(CatalogImage image) {
        Retention kept = image.settings().retention();
        return new RetentionInfo(
                image.name().value(),
                kept.keepSeconds(),
                kept.keepBytes(),
                image.floor().value(),
                kept.isLimited() ? parts.trim().held(image.id()) : Optional.empty());
    }

    RetentionInfo set(String name, RetentionChange change) throws IOException, InterruptedException {
        while (true) {
            CatalogImage image = lookup.live(name);
            lookup.owned(image);
            Retention now = image.settings().retention();
            Retention wanted = new Retention(
                    limit(change.keepSeconds(), now.keepSeconds()), limit(change.keepBytes(), now.keepBytes()));
            ImageConfigured configured = new ImageConfigured(
                    image.id(), image.settings().withRetention(wanted), Optional.of(image.settings()));
            if (parts.commands().trySubmit(configured)) {
                return info(parts.index().image(image.id()).orElse(image));
            }
        }
    }

    private static OptionalLong limit(OptionalLong wanted, OptionalLong now) {
        if (wanted.isEmpty()) {
            return now;
        }
        return wanted.getAsLong() == 0 ? OptionalLong.empty() : wanted;
    }

    RetentionForecast plan(String name) throws IOException {
        CatalogImage image = lookup.live(name);
        HostedImage hosted = lookup.owned(image);
        RetentionPlan plan = parts.trim().plan(hosted);
        return new RetentionForecast(
                image.name().value(),
                plan.floor().value(),
                plan.next().map(RetentionCommands::going),
                plan.bounds().stream().map(RetentionCommands::bound).toList(),
                plan.held());
    }

    private static RetentionForecast.Going going(RetentionPlan.Going going) {
        return new RetentionForecast.Going(
                going.floor().value(),
                going.firstEvent().value(),
                going.lastEvent().value(),
                going.fromOffset(),
                going.toOffset(),
                going.bytes());
    }

    private static RetentionBound bound(Bound bound) {
        return new RetentionBound(
                Views.word(bound.kind()), bound.what(), bound.floor().value());
    }
}
