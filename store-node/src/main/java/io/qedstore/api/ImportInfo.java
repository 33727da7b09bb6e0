package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * How far an import is.
 *
 * @param id of the import, and of the image that comes of it
 * @param node that has the file, and will own the image: it has to be told of the import with each request
 * @param state in a word: {@code uploading}, {@code waiting} for other imports, {@code checking} what has arrived, {@code logging},
 *     {@code copying} to the owner's and a replica's file, {@code done}, {@code failed}
 * @param detail why it failed, or what it waits for; empty if all is well
 * @param nextOffset the end of what has arrived, in the file
 * @param loggedBytes up to here the file is in the log
 * @param sequence of the last event of the import; 0 before all of it is in the log
 * @param copies the nodes besides the owner that have all of it
 */
public record ImportInfo(
        String id,
        String name,
        String node,
        String state,
        Optional<String> detail,
        long fileBytes,
        long nextOffset,
        long loggedBytes,
        long sequence,
        List<String> copies) {
    public ImportInfo {
        copies = List.copyOf(copies);
    }
}
