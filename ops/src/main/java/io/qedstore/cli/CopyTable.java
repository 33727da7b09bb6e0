package io.qedstore.cli;

import io.qedstore.api.CopyInfo;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.stream.Stream;

/** How copies look as rows of a table. */
final class CopyTable {
    private static final List<String> HEADINGS = List.of(
            "NODE",
            "ROLE",
            "STATE",
            "OWNED BY",
            ">EPOCH",
            ">SEQUENCE",
            ">APPLIED",
            ">SYNCED",
            ">VERIFIED",
            "SCRUBBED",
            ">RESTORED",
            ">LAG",
            ">BEHIND",
            ">PENDING");

    private CopyTable() {}

    /** @param before headings of what stands before the copy */
    static Table withHeadings(String... before) {
        return new Table(Stream.concat(Stream.of(before), HEADINGS.stream()).toArray(String[]::new));
    }

    /** @param before what stands before the copy */
    static Object[] cells(CopyInfo copy, Object... before) {
        Object[] cells = {
            copy.node(),
            copy.role(),
            copy.state(),
            copy.ownedBy().orElse("-"),
            copy.epoch(),
            copy.sequence(),
            copy.applied(),
            copy.synced(),
            copy.verified(),
            copy.scrub()
                    .map(scrub -> scrub.at().truncatedTo(ChronoUnit.SECONDS).toString())
                    .orElse("-"),
            copy.restoredBlocks(),
            copy.lagRecords() + " (" + HumanSize.of(copy.lagBytes()) + ")",
            copy.lagMs() + " ms",
            HumanSize.of(copy.pendingBytes())
        };
        return Stream.concat(Stream.of(before), Stream.of(cells)).toArray();
    }
}
