package io.qedstore.index;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.CatalogCodec;
import io.qedstore.event.CatalogEvent;
import io.qedstore.event.CatalogRecord;
import io.qedstore.event.Endpoint;
import io.qedstore.event.FormatVersion;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.log.LogPosition;
import io.qedstore.log.StoredRecord;
import io.qedstore.log.TopicId;
import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;

/** A catalog in memory: its topic, and its records as they lie there. */
public final class TestCatalog {
    public static final TopicId TOPIC = new TopicId(new UUID(7, 7));
    public static final NodeId NODE = new NodeId("node-1");
    public static final ImageGeometry GEOMETRY = new ImageGeometry(65536, 4);

    private final List<StoredRecord> records = new ArrayList<>();
    private long timeMicros;

    public List<StoredRecord> records() {
        return records;
    }

    /** The next record of this event, a second behind the one before. */
    public StoredRecord add(CatalogEvent event) {
        timeMicros += 1_000_000;
        return add(CatalogCodec.encode(new CatalogRecord(timeMicros, NODE, event)));
    }

    public StoredRecord add(byte[] bytes) {
        StoredRecord record = new StoredRecord(records.size(), OptionalInt.of(3), ByteBuffer.wrap(bytes));
        records.add(record);
        return record;
    }

    /** The image of a number. */
    public static ImageId image(int number) {
        // Ids of both signs, so that their order is tried.
        return ImageId.of(number % 2 == 0 ? number : -number, number);
    }

    public static LineageId lineage(int number) {
        return LineageId.of(100, number);
    }

    /** Placed on {@link #NODE}, as others are that do not say where. */
    public static CatalogEvent.ImageCreated created(int number, String name) {
        return created(number, name, Optional.empty());
    }

    public static CatalogEvent.ImageCreated created(int number, String name, Placement placement) {
        return created(number, name, Optional.empty(), placement);
    }

    public static CatalogEvent.ImageCreated created(int number, String name, Optional<Backing> backing) {
        return created(number, name, backing, new Placement(NODE, List.of()));
    }

    public static CatalogEvent.ImageCreated created(
            int number, String name, Optional<Backing> backing, Placement placement) {
        return new CatalogEvent.ImageCreated(
                image(number),
                lineage(number),
                new ImageName(name),
                1 << 20,
                GEOMETRY,
                DigestAlgorithm.XXH3_128,
                backing,
                ImageSettings.DEFAULT,
                placement);
    }

    /** A node that does all that nodes do. */
    public static CatalogEvent.NodeAnnounced announced(NodeId node) {
        return announced(node, EnumSet.allOf(NodeRole.class));
    }

    public static CatalogEvent.NodeAnnounced announced(NodeId node, Set<NodeRole> roles) {
        return announced(node, roles, FormatVersion.NEWEST);
    }

    public static CatalogEvent.NodeAnnounced announced(NodeId node, Set<NodeRole> roles, int understands) {
        return new CatalogEvent.NodeAnnounced(
                node, roles, new Endpoint(node + ":10810"), new Endpoint(node + ":10809"), understands);
    }

    /** A position behind so many records. */
    public static CatalogPosition position(long nextOffset) {
        return new CatalogPosition(TOPIC, new LogPosition(nextOffset, OptionalInt.of(3)));
    }
}
