package io.qedstore.event;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.protobuf.UnknownFieldSet;
import io.qedstore.digest.Digest;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CatalogEvent.CheckpointDropped;
import io.qedstore.event.CatalogEvent.CheckpointMade;
import io.qedstore.event.CatalogEvent.HistoryFloor;
import io.qedstore.event.CatalogEvent.ImageConfigured;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.CatalogEvent.ImageDeleted;
import io.qedstore.event.CatalogEvent.ImagePlaced;
import io.qedstore.event.CatalogEvent.ImagePoint;
import io.qedstore.event.CatalogEvent.ImagePurged;
import io.qedstore.event.CatalogEvent.ImageRenamed;
import io.qedstore.event.CatalogEvent.ImageResized;
import io.qedstore.event.CatalogEvent.ImageUndeleted;
import io.qedstore.event.CatalogEvent.NodeAnnounced;
import io.qedstore.event.CatalogEvent.NodeDrained;
import io.qedstore.event.CatalogEvent.NodeRemoved;
import io.qedstore.event.CatalogEvent.RewindBegun;
import io.qedstore.event.CatalogEvent.RewindEnded;
import io.qedstore.event.CatalogEvent.SnapshotCreated;
import io.qedstore.event.CatalogEvent.SnapshotDeleted;
import io.qedstore.event.CatalogEvent.SnapshotsCreated;
import io.qedstore.event.CatalogEvent.Unknown;
import io.qedstore.event.ImageSettings.AttachMode;
import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.ImageSettings.FailoverMode;
import io.qedstore.event.ImageSettings.Limits;
import io.qedstore.log.v1.CatalogProto;
import io.qedstore.qed.format.ImageGeometry;
import java.nio.ByteBuffer;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Records of the catalog as bytes: those written once are read for ever, and nothing in them is overlooked. */
class CatalogCodecTest {
    private static final ImageId IMAGE = ImageId.of(0x0102030405060708L, 0x090a0b0c0d0e0f10L);
    private static final LineageId LINEAGE = LineageId.of(0x1112131415161718L, 0x191a1b1c1d1e1f20L);
    private static final ImageName NAME = new ImageName("vm1");
    private static final SnapshotName SNAPSHOT = new SnapshotName("s");
    private static final NodeId NODE = new NodeId("n");
    private static final Sequence SEQUENCE = new Sequence(300);

    /** An image id as the first field. */
    private static final String ID = "0a10 0102030405060708090a0b0c0d0e0f10";

    private static final String LINEAGE_HEX = "1112131415161718191a1b1c1d1e1f20";

    private static final ImageSettings SETTINGS = new ImageSettings(
            CacheMode.WRITEBACK,
            AttachMode.SHARED,
            FailoverMode.AUTO,
            new Limits(OptionalLong.of(300), OptionalLong.of(1 << 20)));

    private static final String SETTINGS_HEX = "0802 1002 1802 20ac02 28808040";

    private static final Placement PLACEMENT = new Placement(NODE, List.of(new NodeId("n3"), new NodeId("n2")));

    private static final String PLACEMENT_HEX = "0a01 6e 1202 6e32 1202 6e33";

    static Stream<Arguments> records() {
        return Stream.of(
                Arguments.of(
                        new ImageCreated(
                                IMAGE,
                                LINEAGE,
                                NAME,
                                1 << 20,
                                new ImageGeometry(65536, 4),
                                DigestAlgorithm.XXH3_128,
                                Optional.of(new Backing(IMAGE, LINEAGE, SEQUENCE)),
                                SETTINGS,
                                PLACEMENT),
                        "1a7a" + ID + "1210" + LINEAGE_HEX + "1a03 766d31 20808040 28808004 3004 3801 4227" + ID
                                + "1210" + LINEAGE_HEX + "18ac02" + "4a0d" + SETTINGS_HEX + "520b" + PLACEMENT_HEX),
                Arguments.of(new ImagePlaced(IMAGE, PLACEMENT), "8a01 1f" + ID + "120b" + PLACEMENT_HEX),
                Arguments.of(new ImageConfigured(IMAGE, SETTINGS), "8201 21" + ID + "120d" + SETTINGS_HEX),
                Arguments.of(
                        new ImageConfigured(
                                IMAGE,
                                SETTINGS.withRetention(new Retention(OptionalLong.of(300), OptionalLong.of(1 << 20)))),
                        "8201 28" + ID + "1214" + SETTINGS_HEX + "30ac02 38808040"),
                Arguments.of(
                        new ImagePlaced(IMAGE, PLACEMENT, Optional.of(new Placement(NODE, List.of()))),
                        "8a01 24" + ID + "120b" + PLACEMENT_HEX + "1a03 0a016e"),
                Arguments.of(
                        new ImageConfigured(IMAGE, SETTINGS, Optional.of(SETTINGS)),
                        "8201 30" + ID + "120d" + SETTINGS_HEX + "1a0d" + SETTINGS_HEX),
                Arguments.of(new ImageRenamed(IMAGE, NAME), "2217" + ID + "1203 766d31"),
                Arguments.of(new ImageResized(IMAGE, 1 << 20), "2a16" + ID + "10808040"),
                Arguments.of(new ImageDeleted(IMAGE), "3212" + ID),
                Arguments.of(new ImageUndeleted(IMAGE, NAME), "3a17" + ID + "1203 766d31"),
                Arguments.of(new ImagePurged(IMAGE, 0), "4212" + ID),
                Arguments.of(new ImagePurged(IMAGE, 300), "4215" + ID + "10ac02"),
                Arguments.of(new SnapshotCreated(IMAGE, SNAPSHOT, SEQUENCE, 7), "4a1a" + ID + "1201 73 18ac02 2007"),
                Arguments.of(new SnapshotDeleted(IMAGE, SNAPSHOT), "5215" + ID + "1201 73"),
                Arguments.of(
                        new SnapshotsCreated(SNAPSHOT, List.of(new ImagePoint(IMAGE, SEQUENCE, 7))),
                        "9a01 1c 0a0173 1217" + ID + "10ac02 1807"),
                Arguments.of(new RewindBegun(IMAGE, SEQUENCE, new Sequence(301)), "a201 18" + ID + "10ac02 18ad02"),
                Arguments.of(new RewindEnded(IMAGE, SEQUENCE, new Sequence(301)), "aa01 18" + ID + "10ac02 18ad02"),
                Arguments.of(
                        new CheckpointMade(IMAGE, NODE, SEQUENCE, new Digest(1, 2), 300, 0),
                        "5a2d" + ID + "1201 6e 18ac02 2210 0000000000000001 0000000000000002 28ac02"),
                Arguments.of(new CheckpointDropped(IMAGE, NODE, SEQUENCE), "6218" + ID + "1201 6e 18ac02"),
                Arguments.of(new HistoryFloor(IMAGE, SEQUENCE), "6a15" + ID + "10ac02"),
                Arguments.of(
                        new NodeAnnounced(
                                NODE,
                                EnumSet.of(NodeRole.REPLICA, NodeRole.OWNER),
                                new Endpoint("a:1"),
                                new Endpoint("b:22"),
                                7),
                        "7214 0a016e 12020102 1a03 613a31 2204 623a3232 2807"),
                Arguments.of(new NodeDrained(NODE, true), "9201 05 0a016e 1001"),
                Arguments.of(new NodeRemoved(NODE), "7a03 0a016e"));
    }

    private static CatalogRecord record(CatalogEvent event) {
        return new CatalogRecord(5, NODE, event);
    }

    private static CatalogEvent decode(CatalogProto.CatalogRecord message) throws CorruptRecordException {
        return CatalogCodec.decode(ByteBuffer.wrap(message.toByteArray())).event();
    }

    private static CatalogProto.CatalogRecord.Builder message(CatalogEvent event) throws Exception {
        return CatalogProto.CatalogRecord.parseFrom(CatalogCodec.encode(record(event))).toBuilder();
    }

    // Deliberate bug: two fields of one message have changed places, in both directions.
    @ParameterizedTest
    @MethodSource("records")
    void theBytesOfVersionOneStayWhatTheyAre(CatalogEvent event, String hex) throws CorruptRecordException {
        byte[] golden = HexFormat.of().parseHex(("0805 1201 6e" + hex).replace(" ", ""));
        assertThat(CatalogCodec.encode(record(event))).isEqualTo(golden);
        assertThat(CatalogCodec.decode(ByteBuffer.wrap(golden))).isEqualTo(record(event));
    }

    @Test
    void eachKindOfEventHasGoldenBytes() {
        assertThat(records().map(arguments -> (Object) arguments.get()[0].getClass()))
                .containsAll(Stream.of(CatalogEvent.class.getPermittedSubclasses())
                        .filter(kind -> kind != Unknown.class)
                        .toList());
    }

    // Deliberate bug: a message's unknown fields are not looked at.
    @ParameterizedTest
    @MethodSource("records")
    void aFieldThatNobodyKnowsIsNoticedInEachKindOfEvent(CatalogEvent event, String hex) throws Exception {
        UnknownFieldSet newer = UnknownFieldSet.newBuilder()
                .addField(99, UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                .build();
        CatalogProto.CatalogRecord.Builder message = message(event);
        var body = message.getAllFields().keySet().stream()
                .filter(field -> field.getContainingOneof() != null)
                .findFirst()
                .orElseThrow();
        message.getFieldBuilder(body).setUnknownFields(newer);
        assertThat(decode(message.build())).isInstanceOfSatisfying(Unknown.class, unknown -> assertThat(unknown.what())
                .contains("fields [99]"));
        CatalogProto.CatalogRecord outer =
                message(event).setUnknownFields(newer).build();
        assertThat(decode(outer)).isInstanceOf(Unknown.class);
    }

    @Test
    void whatIsNotKnownOfABackingOrOfADigestIsNoticed() throws Exception {
        CatalogEvent created =
                (CatalogEvent) records().findFirst().orElseThrow().get()[0];
        CatalogProto.CatalogRecord.Builder message = message(created);
        for (int number : new int[] {77, 0}) {
            message.getImageCreatedBuilder().setDigestAlgorithmValue(number);
            assertThat(decode(message.build())).isEqualTo(new Unknown("ImageCreated: digest_algorithm " + number));
        }
        message = message(created);
        message.getImageCreatedBuilder()
                .getBackingBuilder()
                .setUnknownFields(UnknownFieldSet.newBuilder()
                        .addField(
                                4,
                                UnknownFieldSet.Field.newBuilder().addVarint(1).build())
                        .build());
        assertThat(decode(message.build())).isEqualTo(new Unknown("Backing: fields [4]"));
    }

    // Deliberate bug: an enum's first constant stands for all that is not known.
    @Test
    void aModeThatIsNotKnownIsNoticed() throws Exception {
        for (int number : new int[] {77, 0}) {
            CatalogProto.CatalogRecord.Builder message = message(new ImageConfigured(IMAGE, SETTINGS));
            CatalogProto.ImageSettings.Builder settings =
                    message.getImageConfiguredBuilder().getSettingsBuilder();
            settings.setFailoverModeValue(number);
            assertThat(decode(message.build())).isEqualTo(new Unknown("ImageSettings: failover_mode " + number));
            settings.setAttachModeValue(number);
            assertThat(decode(message.build())).isEqualTo(new Unknown("ImageSettings: attach_mode " + number));
            settings.setCacheModeValue(number);
            assertThat(decode(message.build())).isEqualTo(new Unknown("ImageSettings: cache_mode " + number));
        }
    }

    @Test
    void noLimitIsWrittenAsNothing() throws Exception {
        ImageConfigured plain = new ImageConfigured(IMAGE, ImageSettings.DEFAULT);
        CatalogProto.ImageSettings settings =
                message(plain).getImageConfigured().getSettings();
        assertThat(settings.getIopsLimit()).isZero();
        assertThat(settings.getBytesPerSecondLimit()).isZero();
        assertThat(decode(message(plain).build())).isEqualTo(plain);
    }

    // Deliberate bug: roles that are not known are left out.
    @Test
    void aRoleThatIsNotKnownIsNoticed() throws Exception {
        for (int number : new int[] {77, 0}) {
            CatalogProto.CatalogRecord.Builder message = message(announced());
            message.getNodeAnnouncedBuilder().addRolesValue(number);
            assertThat(decode(message.build())).isEqualTo(new Unknown("NodeAnnounced: roles " + number));
        }
    }

    private static NodeAnnounced announced() {
        return new NodeAnnounced(NODE, EnumSet.of(NodeRole.OWNER), new Endpoint("a:1"), new Endpoint("b:22"), 7);
    }

    @Test
    void aKindThatNobodyKnowsIsNoticed() throws Exception {
        byte[] newer = HexFormat.of().parseHex("080512016e" + "f20600");
        assertThat(CatalogCodec.decode(ByteBuffer.wrap(newer)).event()).isInstanceOf(Unknown.class);
        assertThat(CatalogCodec.decode(ByteBuffer.wrap(newer, 0, 5)).event()).isInstanceOf(Unknown.class);
        assertThatThrownBy(() -> CatalogCodec.encode(record(new Unknown("x"))))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void valuesThatMakeNoSenseAreNoRecord() throws Exception {
        List<CatalogProto.CatalogRecord.Builder> senseless = List.of(
                message(new ImageDeleted(IMAGE)).setNodeId("../n"),
                message(new ImageDeleted(IMAGE)).setTimeMicros(-1),
                message(new ImageRenamed(IMAGE, NAME)),
                message(new ImageResized(IMAGE, 512)),
                message(new ImageDeleted(IMAGE)),
                message(announced()),
                message(announced()),
                message(announced()),
                message(announced()),
                message(new ImageConfigured(IMAGE, SETTINGS)),
                message(new ImageConfigured(IMAGE, SETTINGS)),
                message(new ImagePlaced(IMAGE, PLACEMENT)),
                message(new ImagePlaced(IMAGE, PLACEMENT)));
        senseless.get(2).getImageRenamedBuilder().setName("a/b");
        senseless.get(3).getImageResizedBuilder().setSizeBytes(-512);
        senseless.get(4).getImageDeletedBuilder().clearImageId();
        senseless.get(5).getNodeAnnouncedBuilder().clearRoles();
        senseless.get(6).getNodeAnnouncedBuilder().clearUnderstands();
        senseless.get(7).getNodeAnnouncedBuilder().setApiEndpoint("a b");
        senseless.get(8).getNodeAnnouncedBuilder().clearNbdEndpoint();
        senseless.get(9).getImageConfiguredBuilder().clearSettings();
        senseless.get(10).getImageConfiguredBuilder().getSettingsBuilder().setIopsLimit(-1);
        senseless.get(11).getImagePlacedBuilder().clearPlacement();
        senseless.get(12).getImagePlacedBuilder().getPlacementBuilder().addReplicas("n");
        for (CatalogProto.CatalogRecord.Builder message : senseless) {
            assertThatThrownBy(() -> decode(message.build()))
                    .isInstanceOf(CorruptRecordException.class)
                    .hasMessageContaining("no record of the catalog");
        }
        assertThatThrownBy(() -> CatalogCodec.decode(ByteBuffer.wrap(new byte[] {1, 2, 3})))
                .isInstanceOf(CorruptRecordException.class);
    }
}
