package io.qedstore.node;

import io.qedstore.event.NodeId;
import java.util.Optional;

/**
 * Which export of an image a client means.
 *
 * <pre>
 *   NAME                        the image, to write, wherever it is served
 *   NAME@latest                 the node's own copy, to read
 *   NAME@POINT                  the image as it was, to read: snapshot:, seq: or time:
 *   NAME@owner                  the image, to write, if this node owns it
 *   NAME@owner/NODE/CLIENT      the same, for a client of another node, which forwards its requests
 *   NAME@owner/NODE/+CLIENT     the same, of a client that has used the image elsewhere until now
 * </pre>
 */
sealed interface ExportName {
    /** An image's name, or anything else. */
    String image();

    /** Wherever it is served. */
    record Anywhere(String image) implements ExportName {}

    /** This node's copy. */
    record Copy(String image) implements ExportName {}

    /**
     * The image as it was.
     *
     * @param point as {@link io.qedstore.rebuild.Point} has it, or anything else
     */
    record Past(String image, String point) implements ExportName {}

    /** Only if it is served by the node itself. */
    record AtOwner(String image, Optional<Forwarded> by) implements ExportName {}

    /**
     * A client that is connected to another node.
     *
     * @param client for people
     * @param goesOn whether it has used the image elsewhere until now
     */
    record Forwarded(NodeId node, String client, boolean goesOn) {}

    static ExportName of(String name) {
        int at = name.indexOf('@');
        String image = at < 0 ? name : name.substring(0, at);
        String view = at < 0 ? "" : name.substring(at + 1);
        if (at < 0) {
            return new Anywhere(name);
        } else if (view.equals("latest")) {
            return new Copy(image);
        } else if (view.equals("owner")) {
            return new AtOwner(image, Optional.empty());
        }
        if (!view.startsWith("owner/") && view.contains(":")) {
            return new Past(image, view);
        }
        String[] words = view.split("/", 3);
        boolean isForwarded = words.length == 3 && words[0].equals("owner") && isNode(words[1]);
        if (!isForwarded) {
            return new Anywhere(name); // of which there is none
        }
        boolean goesOn = words[2].startsWith("+");
        String client = goesOn ? words[2].substring(1) : words[2];
        return new AtOwner(image, Optional.of(new Forwarded(new NodeId(words[1]), client, goesOn)));
    }

    private static boolean isNode(String word) {
        try {
            return !new NodeId(word).value().isEmpty();
        } catch (IllegalArgumentException e) {
            return false;
        }
    }

    /** By which name a node asks the owner for an image. */
    static String toForward(String image, Forwarded client) {
        return image + "@owner/" + client.node() + "/" + (client.goesOn() ? "+" : "") + client.client();
    }
}
