package io.qedstore.index.rocksdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.Endpoint;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.event.LineageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.NodeRole;
import io.qedstore.event.Placement;
import io.qedstore.event.Retention;
import io.qedstore.event.Sequence;
import io.qedstore.event.SnapshotName;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.CatalogNode;
import io.qedstore.index.CatalogPosition;
import io.qedstore.index.Checkpoint;
import io.qedstore.index.CloneOf;
import io.qedstore.index.FlushPoint;
import io.qedstore.index.ImageLife;
import io.qedstore.index.Snapshot;
import io.qedstore.log.LogPosition;
import io.qedstore.log.TopicId;
import io.qedstore.qed.format.ImageGeometry;
import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;

/**
 * Keys and values of format version 2, byte by byte. A test that has to be changed here asks for a new format version.
 *
 * <p>Deliberate bug that turns it red: two fields of a value, or of a key, have changed places in both directions.
 */
class LayoutTest {
    private static final ImageId IMAGE = ImageId.of(1, 2);
    private static final String ID = "00000000000000010000000000000002";
    private static final ImageId OTHER = ImageId.of(3, 4);
    private static final String OTHER_ID = "00000000000000030000000000000004";
    private static final LineageId LINEAGE = LineageId.of(5, 6);
    private static final String LINEAGE_ID = "00000000000000050000000000000006";

    private static byte[] hex(String hex) {
        return HexFormat.of().parseHex(hex.replace(" ", ""));
    }

    @Test
    void keys() {
        Sequence sequence = new Sequence(0x0102);
        assertThat(Keys.FORMAT).asString().isEqualTo("format");
        assertThat(Keys.CATALOG).asString().isEqualTo("catalog");
        assertThat(Keys.LIVE).asString().isEqualTo("live");
        assertThat(Keys.image(IMAGE)).isEqualTo(hex(ID));
        assertThat(Keys.name(new ImageName("vm1"))).isEqualTo(hex("766d31"));
        assertThat(Keys.node(new NodeId("n1"))).isEqualTo(hex("6e31"));
        assertThat(Keys.placedOn(new NodeId("n1"))).isEqualTo(hex("6e31 00"));
        assertThat(Keys.placedOn(new NodeId("n1"), IMAGE)).isEqualTo(hex("6e31 00" + ID));
        assertThat(Keys.cloneOf(IMAGE, OTHER)).isEqualTo(hex(ID + OTHER_ID));
        assertThat(Keys.snapshot(IMAGE, new SnapshotName("vm1"))).isEqualTo(hex(ID + "766d31"));
        assertThat(Keys.checkpoint(IMAGE, sequence, new NodeId("vm1"))).isEqualTo(hex(ID + "0000000000000102 766d31"));
        assertThat(Keys.indexed(IMAGE)).isEqualTo(hex(ID + "00"));
        assertThat(Keys.flushPoint(IMAGE, 0x0102)).isEqualTo(hex(ID + "01 0000000000000102"));
        assertThat(Keys.place(IMAGE, 0x0102)).isEqualTo(hex(ID + "02 0000000000000102"));
        assertThat(Keys.time(IMAGE, 7, 0x0102)).isEqualTo(hex(ID + "03 0000000000000007 0000000000000102"));
        assertThat(Keys.synced(IMAGE)).isEqualTo(hex(ID + "01"));
        assertThat(Keys.ceiling(IMAGE)).isEqualTo(hex(ID + "02"));
        assertThat(Keys.sum(IMAGE)).isEqualTo(hex(ID + "03"));
        assertThat(Keys.blocks(IMAGE, 0x0102)).isEqualTo(hex(ID + "0000000000000102"));
    }

    @Test
    void columnFamilies() {
        assertThat(Arrays.stream(Family.values()).map(Family::storedName))
                .containsExactly(
                        "default",
                        "images",
                        "names",
                        "nodes",
                        "placements",
                        "clones",
                        "snapshots",
                        "checkpoints",
                        "points",
                        "progress",
                        "blocks");
    }

    @Test
    void imageValues() {
        CatalogImage image = new CatalogImage(
                IMAGE,
                LINEAGE,
                new ImageName("vm1"),
                ImageLife.TRASHED,
                1 << 20,
                new ImageGeometry(65536, 4),
                DigestAlgorithm.SHA_256,
                Optional.empty(),
                ImageSettings.DEFAULT,
                new Placement(new NodeId("n1"), List.of()),
                new Sequence(7),
                8,
                9);
        byte[] plain = hex("01 01" + LINEAGE_ID + "0000000000100000 00010000 00000004 02"
                + "0000000000000007 0000000000000008 0000000000000009"
                + "010101 0000000000000000 0000000000000000" + "02 6e31 00" + "00 766d31");
        assertThat(ImageValues.encode(image)).isEqualTo(plain);
        assertThat(ImageValues.decode(IMAGE, plain)).isEqualTo(image);
        CatalogImage clone = new CatalogImage(
                IMAGE,
                LINEAGE,
                new ImageName("vm1"),
                ImageLife.PURGED,
                0,
                new ImageGeometry(4096, 1),
                DigestAlgorithm.XXH3_128,
                Optional.of(new Backing(OTHER, LINEAGE, new Sequence(10))),
                new ImageSettings(
                        CacheMode.WRITEBACK,
                        AttachMode.SHARED,
                        FailoverMode.AUTO,
                        new Limits(OptionalLong.of(300), OptionalLong.of(1 << 20))),
                new Placement(new NodeId("n1"), List.of(new NodeId("c"), new NodeId("b2"))),
                Sequence.NONE,
                0,
                0);
        byte[] over = hex("01 02" + LINEAGE_ID + "0000000000000000 00001000 00000001 01"
                + "0000000000000000 0000000000000000 0000000000000000"
                + "020202 000000000000012c 0000000000100000" + "02 6e31 02 02 6232 01 63" + "01" + OTHER_ID + LINEAGE_ID
                + "000000000000000a 766d31");
        assertThat(ImageValues.encode(clone)).isEqualTo(over);
        assertThat(ImageValues.decode(IMAGE, over)).isEqualTo(clone);
        byte[] rewound = hex("01 02" + LINEAGE_ID + "0000000000000000 00001000 00000001 01"
                + "0000000000000000 0000000000000000 0000000000000000"
                + "020202 000000000000012c 0000000000100000" + "02 6e31 02 02 6232 01 63" + "03" + OTHER_ID + LINEAGE_ID
                + "000000000000000a 0000000000000005 0000000000000009 766d31");
        CatalogImage rewinding =
                clone.withRewind(Optional.of(new CatalogImage.Rewind(new Sequence(5), new Sequence(9))));
        assertThat(ImageValues.encode(rewinding)).isEqualTo(rewound);
        assertThat(ImageValues.decode(IMAGE, rewound)).isEqualTo(rewinding);
        CatalogImage limited = image.withSettings(
                ImageSettings.DEFAULT.withRetention(new Retention(OptionalLong.of(86_400), OptionalLong.empty())));
        byte[] withLimit = hex("01 01" + LINEAGE_ID + "0000000000100000 00010000 00000004 02"
                + "0000000000000007 0000000000000008 0000000000000009"
                + "010111 0000000000000000 0000000000000000 0000000000015180 0000000000000000"
                + "02 6e31 00" + "00 766d31");
        assertThat(ImageValues.encode(limited)).isEqualTo(withLimit);
        assertThat(ImageValues.decode(IMAGE, withLimit)).isEqualTo(limited);
    }

    @Test
    void nodeValues() {
        CatalogNode node = new CatalogNode(
                new NodeId("n1"),
                EnumSet.of(NodeRole.OWNER, NodeRole.REPLICA),
                new Endpoint("a:1"),
                new Endpoint("b:22"),
                7,
                false,
                8);
        byte[] bytes = hex("01 03 00000007 0000000000000008 03 613a31 623a3232");
        assertThat(Values.node(node)).isEqualTo(bytes);
        assertThat(Values.node(Keys.node(node.id()), bytes)).isEqualTo(node);
        CatalogNode replica = new CatalogNode(
                node.id(), EnumSet.of(NodeRole.REPLICA), new Endpoint("a".repeat(255)), node.nbd(), 1, true, 0);
        assertThat(Values.node(replica)).startsWith(hex("01 82")).contains((byte) 0xff);
        assertThat(Values.node(Keys.node(node.id()), Values.node(replica))).isEqualTo(replica);
        for (String senseless : List.of("00", "04", "07")) {
            bytes[1] = hex(senseless)[0];
            assertThatThrownBy(() -> Values.node(Keys.node(node.id()), bytes))
                    .hasMessage("roles " + bytes[1] + ", expected 1 to 3");
        }
    }

    @Test
    void otherValues() {
        assertThat(Values.format(0x01020304)).isEqualTo(hex("01020304"));
        assertThat(Values.format(hex("01020304"))).isEqualTo(0x01020304);

        CatalogPosition position =
                new CatalogPosition(new TopicId(new UUID(1, 2)), new LogPosition(7, OptionalInt.of(3)));
        byte[] catalog = hex("01" + ID + "0000000000000007 00000003");
        assertThat(Values.catalog(position)).isEqualTo(catalog);
        assertThat(Values.catalog(catalog)).isEqualTo(position);
        CatalogPosition start = new CatalogPosition(new TopicId(new UUID(1, 2)), LogPosition.START);
        assertThat(Values.catalog(Values.catalog(start))).isEqualTo(start);

        assertThat(Values.live(0x01020304)).isEqualTo(hex("01 01020304"));
        assertThat(Values.live(hex("01 01020304"))).isEqualTo(0x01020304);

        assertThat(Values.name(IMAGE)).isEqualTo(hex("01" + ID));
        assertThat(Values.name(hex("01" + ID))).isEqualTo(IMAGE);

        CloneOf clone = new CloneOf(IMAGE, OTHER, new Sequence(7));
        assertThat(Values.cloneOf(clone)).isEqualTo(hex("01 0000000000000007"));
        assertThat(Values.cloneOf(Keys.cloneOf(IMAGE, OTHER), hex("01 0000000000000007")))
                .isEqualTo(clone);

        Snapshot snapshot = new Snapshot(IMAGE, new SnapshotName("s"), new Sequence(7), 8, 9);
        byte[] snapshotBytes = hex("01 0000000000000007 0000000000000008 0000000000000009");
        assertThat(Values.snapshot(snapshot)).isEqualTo(snapshotBytes);
        assertThat(Values.snapshot(Keys.snapshot(IMAGE, snapshot.name()), snapshotBytes))
                .isEqualTo(snapshot);

        Checkpoint checkpoint = new Checkpoint(IMAGE, new Sequence(7), new NodeId("n"), new Digest(1, 2), 8, 9);
        byte[] checkpointBytes = hex("01" + ID + "0000000000000008 0000000000000009");
        assertThat(Values.checkpoint(checkpoint)).isEqualTo(checkpointBytes);
        assertThat(Values.checkpoint(
                        Keys.checkpoint(IMAGE, checkpoint.sequence(), checkpoint.holder()), checkpointBytes))
                .isEqualTo(checkpoint);

        FlushPoint point = new FlushPoint(new Sequence(7), 8);
        assertThat(Values.flushPoint(point)).isEqualTo(hex("01 0000000000000008"));
        assertThat(Values.flushPoint(Keys.flushPoint(IMAGE, 7), hex("01 0000000000000008")))
                .isEqualTo(point);
        assertThat(Values.PLACED_ON).isEqualTo(hex("01"));
        assertThat(Values.TIME).isEqualTo(hex("01"));
    }

    @Test
    void whatIsNoValueIsRefused() {
        assertThatThrownBy(() -> Values.name(hex("02" + ID))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Values.name(hex("01" + ID + "00"))).isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Values.name(hex("01"))).isInstanceOf(BufferUnderflowException.class);
        assertThatThrownBy(() -> Values.name(new byte[0])).isInstanceOf(BufferUnderflowException.class);
    }
}
