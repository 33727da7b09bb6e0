package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.LogException;
import io.qedstore.rebuild.NotCoveredException;
import io.qedstore.rebuild.PointException;
import java.io.IOException;

/** What is wrong with a point, for whoever asked for it. */
final class PointErrors {
    private PointErrors() {}

    /** Something that needs points of an image. */
    @FunctionalInterface
    interface Work<T> {
        T run() throws IOException;
    }

    /** @throws ServiceException if a point is no word for one, is not there, or cannot be made any more */
    static <T> T named(CatalogImage image, Work<T> work) throws IOException {
        try {
            return work.run();
        } catch (IllegalArgumentException e) {
            throw new ServiceException(ServiceError.INVALID, "image " + image.name() + ": " + e.getMessage(), e);
        } catch (PointException e) {
            throw new ServiceException(ServiceError.NOT_FOUND, String.valueOf(e.getMessage()), e);
        } catch (NotCoveredException | LogException.Truncated e) {
            throw new ServiceException(ServiceError.CONFLICT, String.valueOf(e.getMessage()), e);
        }
    }
}
