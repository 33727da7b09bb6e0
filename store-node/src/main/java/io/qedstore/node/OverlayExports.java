package io.qedstore.node;

import io.qedstore.api.ImageExport;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.export.KeptExports;
import io.qedstore.index.CatalogImage;
import io.qedstore.points.PointFile;
import io.qedstore.qed.GuestImage;
import io.qedstore.qed.ImageChain;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Exports of what has changed since a point: the files of both points are made, and compared. */
final class OverlayExports {
    /** What qemu takes. */
    private static final int MAX_NAME_BYTES = 1023;

    private final PointLookup points;
    private final KeptExports exports;

    OverlayExports(PointLookup points, KeptExports exports) {
        this.points = points;
        this.exports = exports;
    }

    ImageExport make(CatalogImage image, String since, String backing, Optional<String> at) throws IOException {
        requireRelative(backing);
        try (PointFile then = points.open(image, since);
                PointFile upTo = points.open(image, at.orElse("latest"));
                GuestImage before = then.openAlone();
                GuestImage now = upTo.openAlone()) {
            if (then.sequence().compareTo(upTo.sequence()) > 0) {
                throw new ServiceException(
                        ServiceError.INVALID,
                        "since " + since + ", which is event " + then.sequence() + " of image " + image.name()
                                + ", behind event " + upTo.sequence() + "; expected a point before");
            }
            return exports.makeOverlay(image.id().toString(), before, now, upTo.sequence(), backing);
        }
    }

    private static void requireRelative(String backing) throws ServiceException {
        boolean isName = !backing.isEmpty()
                && !backing.startsWith("/")
                && !ImageChain.namesProtocol(backing)
                && backing.chars().noneMatch(Character::isISOControl)
                && backing.getBytes(StandardCharsets.UTF_8).length <= MAX_NAME_BYTES;
        if (!isName) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "found the backing file's name '" + backing + "', expected a relative one of at most "
                            + MAX_NAME_BYTES + " bytes that qemu does not take for a protocol");
        }
    }
}
