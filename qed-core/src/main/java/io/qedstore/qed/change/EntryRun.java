package io.qedstore.qed.change;

/**
 * Values of neighbouring table entries: {@code first}, {@code first + step}, and so on. Clusters that were allocated
 * together step by the cluster size; zero and unallocated entries do not step.
 *
 * @param count entries, at least 1
 * @param first value of the first entry
 * @param step from each entry's value to the next one's, bytes
 */
public record EntryRun(int count, long first, long step) {
    public EntryRun {
        if (count < 1) {
            throw new IllegalArgumentException("a run of " + count + " entries, expected at least 1");
        }
    }

    public long entry(int i) {
        return first + i * step;
    }
}
