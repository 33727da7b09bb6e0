package io.qedstore.index;

import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.Backing;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.ImageSettings;
import io.qedstore.event.LineageId;
import io.qedstore.event.Placement;
import io.qedstore.event.Sequence;
import io.qedstore.qed.format.ImageGeometry;
import java.util.Optional;

/**
 * An image, as the catalog knows it.
 *
 * @param name the last one, if it does not live
 * @param backing of a clone
 * @param placement the last one, if it was purged
 * @param floor points before this sequence are given up
 * @param createdMicros when it was created
 * @param lifeMicros since when its life is what it is
 * @param rewind that is under way
 */
public record CatalogImage(
        ImageId id,
        LineageId lineage,
        ImageName name,
        ImageLife life,
        long sizeBytes,
        ImageGeometry geometry,
        DigestAlgorithm digestAlgorithm,
        Optional<Backing> backing,
        ImageSettings settings,
        Placement placement,
        Sequence floor,
        long createdMicros,
        long lifeMicros,
        Optional<Rewind> rewind) {

    /**
     * What guests see is being made what it was at an earlier point.
     *
     * @param from where the image was
     */
    public record Rewind(Sequence point, Sequence from) {}

    /** One that is not being rewound. */
    public CatalogImage(
            ImageId id,
            LineageId lineage,
            ImageName name,
            ImageLife life,
            long sizeBytes,
            ImageGeometry geometry,
            DigestAlgorithm digestAlgorithm,
            Optional<Backing> backing,
            ImageSettings settings,
            Placement placement,
            Sequence floor,
            long createdMicros,
            long lifeMicros) {
        this(
                id,
                lineage,
                name,
                life,
                sizeBytes,
                geometry,
                digestAlgorithm,
                backing,
                settings,
                placement,
                floor,
                createdMicros,
                lifeMicros,
                Optional.empty());
    }

    CatalogImage withName(ImageName newName) {
        return with(newName, life, lifeMicros, sizeBytes, settings, placement, floor, rewind);
    }

    CatalogImage withSize(long newSizeBytes) {
        return with(name, life, lifeMicros, newSizeBytes, settings, placement, floor, rewind);
    }

    public CatalogImage withSettings(ImageSettings newSettings) {
        return with(name, life, lifeMicros, sizeBytes, newSettings, placement, floor, rewind);
    }

    CatalogImage withPlacement(Placement newPlacement) {
        return with(name, life, lifeMicros, sizeBytes, settings, newPlacement, floor, rewind);
    }

    CatalogImage withLife(ImageLife newLife, long sinceMicros) {
        return with(name, newLife, sinceMicros, sizeBytes, settings, placement, floor, rewind);
    }

    CatalogImage withFloor(Sequence newFloor) {
        return with(name, life, lifeMicros, sizeBytes, settings, placement, newFloor, rewind);
    }

    public CatalogImage withRewind(Optional<Rewind> newRewind) {
        return with(name, life, lifeMicros, sizeBytes, settings, placement, floor, newRewind);
    }

    private CatalogImage with(
            ImageName newName,
            ImageLife newLife,
            long newLifeMicros,
            long newSizeBytes,
            ImageSettings newSettings,
            Placement newPlacement,
            Sequence newFloor,
            Optional<Rewind> newRewind) {
        return new CatalogImage(
                id,
                lineage,
                newName,
                newLife,
                newSizeBytes,
                geometry,
                digestAlgorithm,
                backing,
                newSettings,
                newPlacement,
                newFloor,
                createdMicros,
                newLifeMicros,
                newRewind);
    }
}
