package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.LogException;
import io.qedstore.owner.OwnerClock;
import io.qedstore.points.PointFile;
import io.qedstore.points.PointFiles;
import io.qedstore.rebuild.NotCoveredException;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointException;
import java.io.IOException;
import java.time.Instant;

/** Points that people name. */
record PointLookup(PointFiles files, OwnerClock clock) {
    /**
     * The file of a point. Waits until it is made.
     *
     * @throws ServiceException if there is no such point, or it cannot be made any more
     */
    PointFile open(CatalogImage image, String point) throws IOException {
        Instant now = Instant.ofEpochMilli(clock.wallMicros() / 1000);
        try {
            return files.open(image, Point.parse(point), now);
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ServiceError.INVALID, "image " + image.name() + ": " + e.getMessage(), e);
        } catch (PointException e) {
            throw new ServiceException(ServiceError.NOT_FOUND, String.valueOf(e.getMessage()), e);
        } catch (NotCoveredException | LogException.Truncated e) {
            throw new ServiceException(ServiceError.CONFLICT, String.valueOf(e.getMessage()), e);
        }
    }
}
