package io.qedstore.api.http;

import io.qedstore.api.ImageExport;
import io.qedstore.api.NodeService;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * Which export a download is of. An export is a representation of its own: one that is kept is had by its tag alone, and whoever
 * names none gets a new one.
 */
final class ExportSelection {
    private final NodeService node;
    private final ExportWanted wanted;

    ExportSelection(NodeService node, ExportWanted wanted) {
        this.node = node;
        this.wanted = wanted;
    }

    /** @param rangeCounts whether what {@code Range} says is to be done: not where {@code If-Range} named an export that is gone */
    record Selected(ImageExport export, boolean rangeCounts) {}

    /** By the conditions of a request, in the order of RFC 9110, section 13.2.2; the caller closes the export. */
    Selected select(Call call) throws IOException, InterruptedException, RefusedException {
        boolean hasRange = call.header("Range").isPresent();
        Optional<EntityTags> ifMatch = call.header("If-Match").map(EntityTags::parse);
        Optional<EntityTags> ifRange =
                call.header("If-Range").filter(value -> hasRange).map(EntityTags::parse);
        if (ifMatch.isPresent() && !ifMatch.get().any()) {
            ImageExport matched = kept(ifMatch.get().strong())
                    .orElseThrow(() -> new RefusedException(
                            ProblemKind.PRECONDITION_FAILED,
                            "the export of image '" + wanted.name()
                                    + "' that If-Match names is not kept any more; begin anew"));
            boolean same = ifRange.isEmpty() || ifRange.get().strong().contains(matched.tag());
            return new Selected(matched, same);
        }
        if (ifRange.isPresent()) {
            Optional<ImageExport> kept = kept(ifRange.get().strong());
            if (kept.isPresent()) {
                return new Selected(kept.get(), true);
            }
        }
        return new Selected(wanted.make(node), ifRange.isEmpty());
    }

    private Optional<ImageExport> kept(List<String> tags) throws IOException, InterruptedException {
        for (String tag : tags) {
            try {
                return Optional.of(wanted.kept(node, tag));
            } catch (ServiceException e) {
                if (e.error() != ServiceError.GONE) {
                    throw e;
                }
            }
        }
        return Optional.empty();
    }
}
