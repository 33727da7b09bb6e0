package io.qedstore.api.http;

import io.qedstore.api.ImageExport;
import io.qedstore.api.NodeService;
import java.io.IOException;
import java.util.Optional;

/**
 * What is to be exported.
 *
 * @param at the point; empty for what is now
 * @param exact the owner's bytes
 * @param since what has changed since then alone; empty for all
 */
record ExportWanted(String name, Optional<String> at, boolean exact, Optional<Since> since) {
    /**
     * @param point behind which what has changed counts
     * @param backing the name of the export of that point
     */
    record Since(String point, String backing) {}

    /** @throws RefusedException if it makes no sense together */
    static ExportWanted of(
            String name, Optional<String> at, boolean exact, Optional<String> since, Optional<String> backing)
            throws RefusedException {
        if (since.isPresent() != backing.isPresent() || (since.isPresent() && exact)) {
            throw new RefusedException(
                    ProblemKind.INVALID,
                    "found since=" + since.orElse("") + ", backing=" + backing.orElse("") + " and form="
                            + (exact ? "exact" : "qemu")
                            + "; expected both since and backing, or none, and the form qemu"
                            + " with them");
        }
        return new ExportWanted(name, at, exact, since.map(point -> new Since(point, backing.orElseThrow())));
    }

    /** A new one. */
    ImageExport make(NodeService node) throws IOException, InterruptedException {
        return since.isPresent()
                ? node.exportSince(name, since.get().point(), since.get().backing(), at)
                : node.export(name, at, exact, Optional.empty());
    }

    /** One that is kept. */
    ImageExport kept(NodeService node, String tag) throws IOException, InterruptedException {
        return node.export(name, at, exact, Optional.of(tag));
    }
}
