package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * One node's copy of an image.
 *
 * @param role {@code owner} or {@code replica}: what it is now
 * @param state in a word: {@code opening}, {@code owning}, {@code following}, {@code waiting}, {@code failed}, {@code closed};
 *     {@code unreachable} if its node does not answer who asks, {@code missing} if that has none yet
 * @param detail what is going on, in a sentence; empty if all is well
 * @param ownedBy the node whose epoch is open, as far as this copy has read; empty if nobody's is
 * @param sequence of the last event that counts, as far as this copy has read
 * @param applied the last event that is in the file
 * @param synced the last event that is in the file and on the disk for certain
 * @param verified the last event after which the log has confirmed what the file contained; 0 if it has not since the node started
 * @param restoredBlocks how many blocks of 4 KiB were not what was written, and put back, since the file was opened
 * @param lagRecords records of the log that it knows of and has not read; it looks every second if it stands still
 * @param lagBytes about how many bytes those have
 * @param lagMs how old the last event is that it has read, in milliseconds; 0 if there are no more
 * @param scrub when all of the file was last read and compared with what is known of it; empty if it was not yet
 * @param pendingBytes of changes that were made, or read, and are not in the file yet
 * @param clients that are attached over NBD, each in the form {@code 127.0.0.1:40112} or as its certificate names it
 */
public record CopyInfo(
        String node,
        String role,
        String state,
        Optional<String> detail,
        Optional<String> ownedBy,
        long epoch,
        long sequence,
        long applied,
        long synced,
        long verified,
        long restoredBlocks,
        long lagRecords,
        long lagBytes,
        long lagMs,
        Optional<ScrubInfo> scrub,
        long pendingBytes,
        List<String> clients) {
    public CopyInfo {
        clients = List.copyOf(clients);
    }
}
