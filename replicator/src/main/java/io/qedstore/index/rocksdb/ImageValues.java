package io.qedstore.index.rocksdb;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.event.Retention;
import io.qedstore.event.Sequence;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogImage.Rewind;
import io.qedstore.index.ImageLife;
import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The value of an image, of format version 1; as {@link Values} are.
 *
 * <pre>
 * image        1 | life 1: 0 live, 1 trashed, 2 purged | lineage id 16 | size 8 | cluster size 4 | table size 4
 *                | digest algorithm 1: 1 XXH3-128, 2 SHA-256 | floor 8 | created 8 | this life since 8
 *                | cache 1: 1 writethrough, 2 writeback | attach 1: 1 exclusive, 2 shared | failover 1: 1 manual, 2 auto,
 *                  and 16 more where history is limited
 *                | requests in a second 8, or 0 | bytes in a second 8, or 0
 *                | where history is limited: seconds kept 8, or 0 | bytes kept 8, or 0
 *                | owner: length 1, id | count of replicas 1 | of each: length 1, id
 *                | clone 1: 0, or 1 and then base's id 16, its lineage id 16, sequence 8; and 2 more while it is rewound
 *                | while it is rewound: point 8, from 8 | name
 * </pre>
 */
final class ImageValues {
    private static final int LIMITED = 16;
    private static final int CLONE = 1;
    private static final int REWINDING = 2;

    private ImageValues() {}

    static byte[] encode(CatalogImage image) {
        byte[] name = Values.ascii(image.name().value());
        ByteBuffer out = ByteBuffer.allocate(79
                        + bytes(image.settings().retention())
                        + bytes(image.placement())
                        + (image.backing().isPresent() ? 40 : 0)
                        + (image.rewind().isPresent() ? 2 * Long.BYTES : 0)
                        + name.length)
                .put(Values.VERSION)
                .put(life(image.life()));
        Values.ids(out, image.lineage().value())
                .putLong(image.sizeBytes())
                .putInt(image.geometry().clusterSize())
                .putInt(image.geometry().tableSize())
                .put(algorithm(image.digestAlgorithm()))
                .putLong(image.floor().value())
                .putLong(image.createdMicros())
                .putLong(image.lifeMicros());
        put(out, image.settings());
        put(out, image.placement());
        out.put((byte)
                ((image.backing().isPresent() ? CLONE : 0) | (image.rewind().isPresent() ? REWINDING : 0)));
        image.backing().ifPresent(backing -> {
            Values.ids(out, backing.image().value());
            Values.ids(out, backing.lineage().value())
                    .putLong(backing.sequence().value());
        });
        image.rewind().ifPresent(rewind -> out.putLong(rewind.point().value())
                .putLong(rewind.from().value()));
        return out.put(name).array();
    }

    static CatalogImage decode(ImageId image, byte[] value) {
        ByteBuffer in = Values.open(value);
        ImageLife life = life(in.get());
        LineageId lineage = new LineageId(Values.id(in));
        long sizeBytes = in.getLong();
        ImageGeometry geometry = new ImageGeometry(in.getInt(), in.getInt());
        DigestAlgorithm algorithm = algorithm(in.get());
        Sequence floor = new Sequence(in.getLong());
        long createdMicros = in.getLong();
        long lifeMicros = in.getLong();
        ImageSettings settings = settings(in);
        Placement placement = placement(in);
        byte parts = in.get();
        if ((parts & ~(CLONE | REWINDING)) != 0) {
            throw new IllegalArgumentException("a clone of " + parts + ", expected 0 to " + (CLONE | REWINDING));
        }
        Optional<Backing> backing = (parts & CLONE) == 0
                ? Optional.empty()
                : Optional.of(new Backing(
                        new ImageId(Values.id(in)), new LineageId(Values.id(in)), new Sequence(in.getLong())));
        Optional<Rewind> rewind = (parts & REWINDING) == 0
                ? Optional.empty()
                : Optional.of(new Rewind(new Sequence(in.getLong()), new Sequence(in.getLong())));
        ImageName name = new ImageName(Values.ascii(in, in.remaining()));
        return new CatalogImage(
                image,
                lineage,
                name,
                life,
                sizeBytes,
                geometry,
                algorithm,
                backing,
                settings,
                placement,
                floor,
                createdMicros,
                lifeMicros,
                rewind);
    }

    private static void put(ByteBuffer out, ImageSettings settings) {
        out.put(cache(settings.cache()))
                .put(attach(settings.attach()))
                .put((byte)
                        (failover(settings.failover()) | (settings.retention().isLimited() ? LIMITED : 0)))
                .putLong(settings.limits().iops().orElse(0))
                .putLong(settings.limits().bytesPerSecond().orElse(0));
        if (settings.retention().isLimited()) {
            out.putLong(settings.retention().keepSeconds().orElse(0))
                    .putLong(settings.retention().keepBytes().orElse(0));
        }
    }

    private static int bytes(Retention retention) {
        return retention.isLimited() ? 2 * Long.BYTES : 0;
    }

    private static ImageSettings settings(ByteBuffer in) {
        CacheMode cache = cache(in.get());
        AttachMode attach = attach(in.get());
        byte failover = in.get();
        Limits limits = new Limits(limit(in.getLong()), limit(in.getLong()));
        Retention retention = (failover & LIMITED) == 0
                ? Retention.KEEP_ALL
                : new Retention(limit(in.getLong()), limit(in.getLong()));
        return new ImageSettings(cache, attach, failover((byte) (failover & ~LIMITED)), limits, retention);
    }

    private static int bytes(Placement placement) {
        return 1
                + placement.nodes().stream()
                        .mapToInt(node -> 1 + node.value().length())
                        .sum();
    }

    private static void put(ByteBuffer out, Placement placement) {
        put(out, placement.owner());
        out.put((byte) placement.replicas().size());
        placement.replicas().forEach(replica -> put(out, replica));
    }

    private static void put(ByteBuffer out, NodeId node) {
        byte[] text = Values.ascii(node.value());
        out.put((byte) text.length).put(text);
    }

    private static Placement placement(ByteBuffer in) {
        NodeId owner = node(in);
        int count = Byte.toUnsignedInt(in.get());
        List<NodeId> replicas = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            replicas.add(node(in));
        }
        return new Placement(owner, replicas);
    }

    private static NodeId node(ByteBuffer in) {
        return new NodeId(Values.ascii(in, Byte.toUnsignedInt(in.get())));
    }

    private static OptionalLong limit(long value) {
        return value == 0 ? OptionalLong.empty() : OptionalLong.of(value);
    }

    private static byte cache(CacheMode mode) {
        return switch (mode) {
            case WRITETHROUGH -> 1;
            case WRITEBACK -> 2;
        };
    }

    private static CacheMode cache(byte code) {
        return switch (code) {
            case 1 -> CacheMode.WRITETHROUGH;
            case 2 -> CacheMode.WRITEBACK;
            default -> throw new IllegalArgumentException("cache mode " + code + ", expected 1 or 2");
        };
    }

    private static byte attach(AttachMode mode) {
        return switch (mode) {
            case EXCLUSIVE -> 1;
            case SHARED -> 2;
        };
    }

    private static AttachMode attach(byte code) {
        return switch (code) {
            case 1 -> AttachMode.EXCLUSIVE;
            case 2 -> AttachMode.SHARED;
            default -> throw new IllegalArgumentException("attach mode " + code + ", expected 1 or 2");
        };
    }

    private static byte failover(FailoverMode mode) {
        return switch (mode) {
            case MANUAL -> 1;
            case AUTO -> 2;
        };
    }

    private static FailoverMode failover(byte code) {
        return switch (code) {
            case 1 -> FailoverMode.MANUAL;
            case 2 -> FailoverMode.AUTO;
            default -> throw new IllegalArgumentException("failover mode " + code + ", expected 1 or 2");
        };
    }

    private static byte life(ImageLife life) {
        return switch (life) {
            case LIVE -> 0;
            case TRASHED -> 1;
            case PURGED -> 2;
        };
    }

    private static ImageLife life(byte code) {
        return switch (code) {
            case 0 -> ImageLife.LIVE;
            case 1 -> ImageLife.TRASHED;
            case 2 -> ImageLife.PURGED;
            default -> throw new IllegalArgumentException("life " + code + ", expected 0 to 2");
        };
    }

    private static byte algorithm(DigestAlgorithm algorithm) {
        return switch (algorithm) {
            case XXH3_128 -> 1;
            case SHA_256 -> 2;
        };
    }

    private static DigestAlgorithm algorithm(byte code) {
        return switch (code) {
            case 1 -> DigestAlgorithm.XXH3_128;
            case 2 -> DigestAlgorithm.SHA_256;
            default -> throw new IllegalArgumentException("digest algorithm " + code + ", expected 1 or 2");
        };
    }
}
