package io.qedstore.cli;

import io.qedstore.api.CopyInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.cli.api.ApiClient;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/**
 * Moves everything away from a node, image by image: a copy on another node first, then the ownership, then the node's own copy. Each
 * step leaves an image that is whole, so it can be broken off and run again.
 */
@Command(
        name = "drain",
        description = "Moves all images away from a node, which takes no new ones from then on. Clients feel a pause.",
        footer = {
            "",
            "Examples:",
            "  qedstore node drain node-1 --dry-run",
            "  qedstore node drain node-1",
            "  qedstore node drain node-1 --undo"
        })
final class NodeDrain extends ApiCommand {
    @Parameters(paramLabel = "NODE", description = "The node that is to be empty.")
    String id = "";

    @Option(names = "--dry-run", description = "Only say what would be moved where.")
    boolean dryRun;

    @Option(names = "--undo", description = "The node takes images again; none comes back by itself.")
    boolean undo;

    /** One image's way. */
    private record Move(ImageInfo image, Optional<String> newCopy, Optional<String> newOwner) {}

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure {
        if (undo) {
            NodeInfo info = node.drain(id, false);
            say(out, info, "node '" + info.id() + "' takes images again");
            return;
        }
        node.node(id);
        if (!dryRun) {
            node.drain(id, true);
        }
        List<String> stuck = new ArrayList<>();
        List<Move> moves = plan(node, stuck);
        Progress progress = new Progress(out, output.isJson());
        for (Move move : moves) {
            if (dryRun) {
                progress.say(sentence(move, "would go"));
            } else {
                run(node, move, progress);
            }
        }
        if (!stuck.isEmpty()) {
            throw new CommandFailure("node '" + id + "' still has " + String.join("; ", stuck)
                    + ": add a node that can take them, or `qedstore replica remove` what is not needed, and drain"
                    + " again");
        }
        progress.say(
                dryRun
                        ? moves.size() + " images would be moved"
                        : "node '" + id + "' has no images any more; " + moves.size() + " were moved");
    }

    /** Prints lines for people, nothing where JSON is asked for. */
    private record Progress(PrintWriter out, boolean silent) {
        void say(String line) {
            if (!silent) {
                out.println(Printable.of(line));
                out.flush();
            }
        }
    }

    private List<Move> plan(ApiClient node, List<String> stuck) throws IOException {
        List<ImageInfo> images = node.images(false);
        NodeLoads loads = NodeLoads.of(node.nodes(), images, id);
        List<Move> moves = new ArrayList<>();
        for (ImageInfo image : images) {
            boolean owns = image.owner().equals(id);
            if (!owns && !image.replicas().contains(id)) {
                continue;
            }
            Optional<String> newCopy = loads.takeLeastLoaded(image);
            Optional<String> newOwner = owns ? loads.newOwner(image, newCopy) : Optional.empty();
            boolean isAlone = newCopy.isEmpty() && image.replicas().size() == 1;
            if (owns && newOwner.isEmpty()) {
                stuck.add("image '" + image.name() + "', which no other node can own");
            } else if (isAlone) {
                stuck.add("image '" + image.name() + "', which would be left with one copy");
            } else {
                moves.add(new Move(image, newCopy, newOwner));
            }
        }
        return moves;
    }

    private static String sentence(Move move, String verb) {
        String image = "image '" + move.image().name() + "' " + verb;
        String copy = move.newCopy().map(to -> " a copy to " + to).orElse(" no copy");
        return image
                + move.newOwner().map(to -> " to " + to + " as its owner").orElse("")
                + (move.newOwner().equals(move.newCopy())
                        ? ""
                        : (move.newOwner().isPresent() ? ", and" : "") + copy);
    }

    private void run(ApiClient node, Move move, Progress progress) throws IOException, CommandFailure {
        String name = move.image().name();
        if (move.newCopy().isPresent()) {
            node.addReplica(name, move.newCopy().get());
            progress.say(
                    "image '" + name + "': a copy is made on " + move.newCopy().get());
            awaitCopy(node, name, move.newCopy().get());
        }
        if (move.newOwner().isPresent()) {
            awaitCopy(node, name, move.newOwner().get());
            ImageInfo moved = node.promote(name, move.newOwner().get(), false, Optional.empty());
            progress.say("image '" + name + "': the owner is " + move.newOwner().get());
            if (!moved.replicas().contains(id)) {
                progress.say("image '" + name + "' has left " + id); // it keeps no copies of other nodes' images
                return;
            }
        }
        node.removeReplica(name, id);
        progress.say("image '" + name + "' has left " + id);
    }

    /** A copy that has all that its owner has, but for what was written just now. */
    private void awaitCopy(ApiClient node, String image, String on) throws IOException, CommandFailure {
        CopyWait wait = new CopyWait(image, on);
        while (!wait.isOver(copy(node, image, on))) {
            wait.pause();
        }
    }

    private static Optional<CopyInfo> copy(ApiClient node, String image, String on) throws IOException {
        return node.copies(image).stream()
                .filter(copy -> copy.node().equals(on))
                .min(Comparator.comparing(CopyInfo::node));
    }
}
