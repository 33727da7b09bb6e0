package io.qedstore.qed.check;

import io.qedstore.qed.change.EntryRun;
import io.qedstore.qed.change.QedChange;
import io.qedstore.qed.format.TableEntry;
import java.util.Optional;

/**
 * What mends a finding. Entries that point nowhere become unallocated: what they meant is lost, the guest sees the
 * backing file or zeros there. Double references and leaks stay, for there is nothing to decide them by.
 */
public final class Repair {
    private Repair() {}

    public static Optional<QedChange> changeFor(Finding finding) {
        if (finding instanceof Finding.InvalidL1Entry l1) {
            return Optional.of(new QedChange.L1EntrySet(l1.entryOffset(), TableEntry.UNALLOCATED));
        }
        if (finding instanceof Finding.InvalidL2Entry l2) {
            EntryRun one = new EntryRun(1, TableEntry.UNALLOCATED, 0);
            return Optional.of(new QedChange.L2EntriesSet(l2.entryOffset(), one));
        }
        return Optional.empty();
    }
}
