package io.qedstore.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.qedstore.api.BackingInfo;
import io.qedstore.api.CopyInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.RetentionBound;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.api.ScrubInfo;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.SettingsInfo;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.cli.NodeDouble.Answer;
import io.qedstore.cli.NodeDouble.Asked;
import io.qedstore.cli.api.ApiJson;
import java.time.Instant;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.TreeMap;

/** Images as a node's API shows them, without disks. The server's thread uses it once it runs. */
final class ImagesDouble {
    private final TreeMap<String, ImageInfo> live = new TreeMap<>();
    private final TreeMap<String, ImageInfo> trash = new TreeMap<>();
    private final TreeMap<String, SnapshotInfo> snapshots = new TreeMap<>();

    final VerifyDouble verifications = new VerifyDouble();

    private RetentionInfo retention =
            new RetentionInfo("vm1", OptionalLong.empty(), OptionalLong.empty(), 0, Optional.empty());

    /** An image that is there from the start. */
    void put(String name) {
        create(request(name));
    }

    /** One that is nowhere. */
    static ImageInfo image(String name) {
        return image(request(name));
    }

    private static NewImageRequest request(String name) {
        return new NewImageRequest(
                name,
                OptionalLong.of(1 << 20),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                OptionalLong.empty(),
                OptionalLong.empty());
    }

    Answer answer(Asked asked) {
        List<String> path = asked.path();
        if (path.size() == 2) {
            return asked.method().equals("POST") ? create(value(asked.body(), NewImageRequest.class)) : list(asked);
        }
        String name = path.get(2);
        String what = asked.method() + (path.size() == 3 ? "" : " " + path.get(3));
        ImageInfo image = live.get(name);
        if (what.equals("POST undelete")) {
            return undelete(name, asked.body().path("name").asText(name));
        } else if (image == null) {
            return Answer.problem(404, "there is no image '" + name + "'; `image list` shows which there are");
        }
        return switch (what) {
            case "GET" -> Answer.json(200, image);
            case "DELETE" -> delete(image);
            case "PATCH" -> changed(with(image, settings(image.settings(), value(asked.body(), SettingsChange.class))));
            case "POST rename" -> rename(image, asked.body().get("name").asText());
            case "POST resize" -> resize(image, asked.body().get("sizeBytes").asLong());
            case "POST promote" -> changed(owned(image, asked.body().get("node").asText()));
            case "GET replicas" -> Answer.json(200, Map.of("items", copies(image)));
            case "GET snapshots" -> Answer.json(200, Map.of("items", List.copyOf(snapshots.values())));
            case "POST snapshots" -> snapshot(name, asked.body().path("name").asText("2026-11-22T12:00:00Z"));
            case "POST verify", "GET verify" -> verifications.answer(what);
            case "GET history" -> HistoryDouble.answer(asked);
            case "GET retention" -> Answer.json(200, path.size() == 4 ? retention : plan(name));
            case "PATCH retention" -> retain(name, value(asked.body(), RetentionChange.class));
            case "DELETE snapshots" -> deleteSnapshot(path.get(4));
            default -> Answer.problem(404, "there is no " + asked.path());
        };
    }

    private Answer create(NewImageRequest asked) {
        if (live.containsKey(asked.name())) {
            return Answer.problem(409, "there is an image '" + asked.name() + "' already; take another name");
        }
        ImageInfo image = image(asked);
        live.put(image.name(), image);
        return Answer.json(201, image);
    }

    private static ImageInfo image(NewImageRequest asked) {
        SettingsInfo defaults =
                new SettingsInfo("writeback", "exclusive", "manual", OptionalLong.empty(), OptionalLong.empty());
        SettingsChange change = new SettingsChange(
                asked.cache(), asked.attach(), asked.failover(), asked.limitIops(), asked.limitBps());
        return new ImageInfo(
                asked.name(),
                "id-of-" + asked.name(),
                "lineage-1",
                "live",
                asked.sizeBytes().orElse(1 << 20),
                asked.clusterBytes().orElse(65536),
                asked.tableClusters().orElse(4),
                asked.from().map(from -> new BackingInfo(from, "id-of-" + from, 7, "id-of-" + from + "-7.qed")),
                settings(defaults, change),
                asked.owner().orElse("node-1"),
                asked.replicas().orElse(asked.replicaCount().orElse(1) == 0 ? List.of() : List.of("node-2")),
                NodeDouble.NOON,
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    private Answer list(Asked asked) {
        if ("true".equals(asked.query().get("trash"))) {
            return Answer.json(200, Map.of("items", List.copyOf(trash.values())));
        }
        int limit = Math.min(1000, Integer.parseInt(asked.query().getOrDefault("limit", "100")));
        List<ImageInfo> behind = List.copyOf(
                live.tailMap(asked.query().getOrDefault("after", ""), false).values());
        Map<String, Object> page = new HashMap<>();
        page.put("items", behind.subList(0, Math.min(limit, behind.size())));
        if (behind.size() > limit) {
            page.put("next", behind.get(limit - 1).name());
        }
        return Answer.json(200, page);
    }

    private Answer changed(ImageInfo image) {
        live.put(image.name(), image);
        return Answer.json(200, image);
    }

    private Answer delete(ImageInfo image) {
        live.remove(image.name());
        ImageInfo deleted = copy(image, image.name(), image.sizeBytes(), image.settings(), image.owner(), true);
        trash.put(image.name(), deleted);
        return Answer.json(200, deleted);
    }

    private Answer undelete(String name, String newName) {
        ImageInfo image = trash.remove(name);
        return image == null
                ? Answer.problem(404, "there is no image '" + name + "' in the trash")
                : changed(copy(image, newName, image.sizeBytes(), image.settings(), image.owner(), false));
    }

    private Answer rename(ImageInfo image, String newName) {
        live.remove(image.name());
        return changed(copy(image, newName, image.sizeBytes(), image.settings(), image.owner(), false));
    }

    private Answer resize(ImageInfo image, long sizeBytes) {
        return sizeBytes < image.sizeBytes()
                ? Answer.problem(
                        400,
                        "image '" + image.name() + "' has " + image.sizeBytes() + " bytes and cannot shrink to "
                                + sizeBytes)
                : changed(copy(image, image.name(), sizeBytes, image.settings(), image.owner(), false));
    }

    private Answer snapshot(String image, String name) {
        SnapshotInfo made = new SnapshotInfo(image, name, 42, NodeDouble.NOON, NodeDouble.NOON.plusSeconds(1));
        snapshots.put(name, made);
        return Answer.json(201, made);
    }

    private Answer retain(String name, RetentionChange change) {
        retention = new RetentionInfo(
                name,
                limit(retention.keepSeconds(), change.keepSeconds()),
                limit(retention.keepBytes(), change.keepBytes()),
                7,
                Optional.of("too few checkpoints"));
        return Answer.json(200, retention);
    }

    private static RetentionForecast plan(String name) {
        return new RetentionForecast(
                name,
                7,
                Optional.of(new RetentionForecast.Going(9, 6, 8, 50, 90, 1 << 20)),
                List.of(
                        new RetentionBound("time", "the last 60 s", 12),
                        new RetentionBound("snapshot", "snapshot before", 9)),
                Optional.empty());
    }

    private Answer deleteSnapshot(String name) {
        return snapshots.remove(name) == null
                ? Answer.problem(404, "there is no snapshot '" + name + "'")
                : new Answer(204, "application/json", "");
    }

    private static List<CopyInfo> copies(ImageInfo image) {
        CopyInfo owner = new CopyInfo(
                image.owner(),
                "owner",
                "owning",
                Optional.empty(),
                Optional.of(image.owner()),
                3,
                1200,
                1200,
                1100,
                1000,
                4,
                0,
                0,
                0,
                Optional.of(new ScrubInfo(900, Instant.parse("2026-11-23T01:02:03.5Z"), 2, 5)),
                0,
                List.of("127.0.0.1:40112"));
        CopyInfo behind = new CopyInfo(
                "node-2",
                "replica",
                "unreachable",
                Optional.of("node-2 does not answer"),
                Optional.empty(),
                0,
                0,
                0,
                0,
                0,
                0,
                12,
                48 << 10,
                1500,
                Optional.empty(),
                3 << 20,
                List.of());
        return List.of(owner, behind);
    }

    private static SettingsInfo settings(SettingsInfo now, SettingsChange change) {
        return new SettingsInfo(
                change.cache().orElse(now.cache()),
                change.attach().orElse(now.attach()),
                change.failover().orElse(now.failover()),
                limit(now.limitIops(), change.limitIops()),
                limit(now.limitBps(), change.limitBps()));
    }

    private static OptionalLong limit(OptionalLong now, OptionalLong change) {
        return change.isEmpty() ? now : change.getAsLong() == 0 ? OptionalLong.empty() : change;
    }

    private static ImageInfo with(ImageInfo image, SettingsInfo settings) {
        return copy(image, image.name(), image.sizeBytes(), settings, image.owner(), false);
    }

    private static ImageInfo owned(ImageInfo image, String owner) {
        return copy(image, image.name(), image.sizeBytes(), image.settings(), owner, false);
    }

    private static ImageInfo copy(
            ImageInfo image, String name, long sizeBytes, SettingsInfo settings, String owner, boolean deleted) {
        return new ImageInfo(
                name,
                image.id(),
                image.lineage(),
                deleted ? "trashed" : "live",
                sizeBytes,
                image.clusterBytes(),
                image.tableClusters(),
                image.backing(),
                settings,
                owner,
                image.replicas(),
                image.createdAt(),
                deleted ? Optional.of(NodeDouble.NOON.plusSeconds(60)) : Optional.empty(),
                image.rewind(),
                image.copy());
    }

    private static <T> T value(JsonNode json, Class<T> type) {
        try {
            return ApiJson.mapper().treeToValue(json, type);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("a request that makes no sense: " + json, e);
        }
    }
}
