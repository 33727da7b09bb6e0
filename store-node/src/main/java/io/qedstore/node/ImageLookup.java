package io.qedstore.node;

import io.qedstore.api.NotHereException;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.hosting.HostedImage;
import io.qedstore.hosting.HostedImages;
import io.qedstore.index.CatalogImage;
import io.qedstore.index.ImageLife;
import io.qedstore.index.MetadataIndex;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/** Finds images by what people call them. */
final class ImageLookup {
    private static final int PAGE = 1000;

    private final NodeId self;
    private final MetadataIndex index;
    private final HostedImages hosted;

    ImageLookup(NodeId self, MetadataIndex index, HostedImages hosted) {
        this.self = self;
        this.index = index;
        this.hosted = hosted;
    }

    CatalogImage live(String name) throws IOException {
        return index.image(new ImageName(name)).orElseThrow(() -> noSuch(name));
    }

    private static ServiceException noSuch(String name) {
        return new ServiceException(
                ServiceError.NOT_FOUND, "there is no image " + name + "; `qedstore image list` shows those there are");
    }

    /** This node's copy of an image, if this node is the one that is to own it. */
    HostedImage owned(CatalogImage image) throws IOException {
        NodeId owner = image.placement().owner();
        if (!owner.equals(self)) {
            throw new NotHereException(
                    owner.value(), "node " + owner + " owns image " + image.name() + ", and has to do this");
        }
        return copy(image);
    }

    HostedImage copy(CatalogImage image) throws ServiceException {
        return hosted.get(image.id())
                .orElseThrow(() -> new ServiceException(
                        ServiceError.NOT_FOUND,
                        "image " + image.name() + " does not lie on node " + self + ", but on "
                                + image.placement().nodes()));
    }

    /** In the trash, by id or by the name that it had: the one that was deleted last. */
    CatalogImage trashed(String nameOrId) throws IOException {
        return trash(Optional.empty(), Integer.MAX_VALUE).stream()
                .filter(image -> image.name().value().equals(nameOrId)
                        || image.id().toString().equals(nameOrId))
                .max(Comparator.comparing(CatalogImage::lifeMicros))
                .orElseThrow(() -> new ServiceException(
                        ServiceError.NOT_FOUND,
                        "there is no image " + nameOrId + " in the trash; `qedstore image list --trash` shows those"
                                + " there are"));
    }

    List<CatalogImage> trash(Optional<ImageId> behind, int limit) throws IOException {
        List<CatalogImage> found = new ArrayList<>();
        Optional<ImageId> after = behind;
        while (true) {
            List<CatalogImage> page = index.imagesById(after, PAGE);
            page.stream()
                    .filter(image -> image.life() == ImageLife.TRASHED && found.size() < limit)
                    .forEach(found::add);
            if (page.size() < PAGE || found.size() >= limit) {
                return found;
            }
            after = Optional.of(page.get(page.size() - 1).id());
        }
    }
}
