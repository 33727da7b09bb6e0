package io.qedstore.index;

import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import java.io.IOException;
import java.util.Optional;

/** What several rules of the catalog ask for. */
final class Requirements {
    private final MetadataIndex index;

    Requirements(MetadataIndex index) {
        this.index = index;
    }

    CatalogImage live(ImageId id) throws IOException, VoidRecordException {
        CatalogImage image = notPurged(id);
        if (image.life() != ImageLife.LIVE) {
            throw new VoidRecordException(CatalogVerdict.IN_TRASH, "image " + id + " is in the trash");
        }
        return image;
    }

    CatalogImage inTrash(ImageId id) throws IOException, VoidRecordException {
        CatalogImage image = notPurged(id);
        if (image.life() != ImageLife.TRASHED) {
            throw new VoidRecordException(
                    CatalogVerdict.NOT_IN_TRASH, "image " + id + ", " + image.name() + ", is not in the trash");
        }
        return image;
    }

    CatalogImage notPurged(ImageId id) throws IOException, VoidRecordException {
        Optional<CatalogImage> image = index.image(id);
        if (image.isEmpty()) {
            throw new VoidRecordException(CatalogVerdict.NO_SUCH_IMAGE, "there is no image with the id " + id);
        }
        if (image.get().life() == ImageLife.PURGED) {
            throw new VoidRecordException(CatalogVerdict.PURGED, "image " + id + " was purged");
        }
        return image.get();
    }

    CatalogNode node(NodeId id) throws IOException, VoidRecordException {
        Optional<CatalogNode> node = index.node(id);
        if (node.isEmpty()) {
            throw new VoidRecordException(CatalogVerdict.NO_SUCH_NODE, "there is no node " + id);
        }
        return node.get();
    }

    void free(ImageName name) throws IOException, VoidRecordException {
        Optional<CatalogImage> other = index.image(name);
        if (other.isPresent()) {
            throw new VoidRecordException(
                    CatalogVerdict.NAME_TAKEN,
                    "there is an image " + name + " already, with the id "
                            + other.get().id());
        }
    }

    /** Nothing names what a rewind has half done. */
    void notHalfRewound(CatalogImage image, Sequence sequence) throws VoidRecordException {
        Optional<CatalogImage.Rewind> rewind = image.rewind();
        if (rewind.isPresent() && sequence.compareTo(rewind.get().from()) > 0) {
            throw new VoidRecordException(
                    CatalogVerdict.REWINDING,
                    "image " + image.name() + " is being rewound from sequence "
                            + rewind.get().from() + " to sequence "
                            + rewind.get().point() + ", and sequence " + sequence
                            + " lies between; try again behind that");
        }
    }

    void notBelowFloor(CatalogImage image, Sequence sequence) throws VoidRecordException {
        if (sequence.compareTo(image.floor()) < 0) {
            throw new VoidRecordException(
                    CatalogVerdict.BELOW_FLOOR,
                    "the history of image " + image.id() + ", " + image.name() + ", begins at sequence " + image.floor()
                            + "; sequence " + sequence + " is given up");
        }
    }
}
