package io.qedstore.api;

import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/**
 * A QED file that is to become an image as it is. What is empty gets the node's defaults.
 *
 * @param fileBytes the file's length
 * @param content the sum of the file's content digest, by {@code xxh3-128}: 32 hexadecimal digits
 * @param owner a node's id; empty for the node that is asked
 * @param replicas node ids; empty for what {@code replicaCount} says
 * @param replicaCount copies besides the owner; empty for 1 where there are two nodes or more
 */
public record NewImportRequest(
        long fileBytes,
        String content,
        Optional<String> owner,
        Optional<List<String>> replicas,
        OptionalInt replicaCount,
        Optional<String> cache,
        Optional<String> attach,
        Optional<String> failover,
        OptionalLong limitIops,
        OptionalLong limitBps) {

    /** The image, as if it were to be created; its size and geometry are the file's to say. */
    public NewImageRequest asImage(String name) {
        return new NewImageRequest(
                name,
                OptionalLong.empty(),
                Optional.empty(),
                OptionalInt.empty(),
                OptionalInt.empty(),
                owner,
                replicas,
                replicaCount,
                cache,
                attach,
                failover,
                limitIops,
                limitBps);
    }
}
