package io.qedstore.qed.check;

/**
 * What a check counted.
 *
 * @param totalClusters clusters that the guest's disk has
 * @param allocatedClusters entries that point to a cluster, or try to
 * @param zeroClusters entries that say zero
 * @param fragmentedClusters entries that do not follow their predecessor in the file
 * @param corruptions findings that are still there
 * @param corruptionsFixed findings that repair mended
 * @param leaks clusters of the file that nothing uses
 * @param checkErrors tables that could not be read; leaks are unknown then and count as 0
 */
public record CheckResult(
        long totalClusters,
        long allocatedClusters,
        long zeroClusters,
        long fragmentedClusters,
        long corruptions,
        long corruptionsFixed,
        long leaks,
        long checkErrors) {

    public boolean isClean() {
        return corruptions == 0 && leaks == 0 && checkErrors == 0;
    }

    public CheckResult withFixed(long fixed) {
        return new CheckResult(
                totalClusters,
                allocatedClusters,
                zeroClusters,
                fragmentedClusters,
                corruptions,
                fixed,
                leaks,
                checkErrors);
    }
}
