package io.qedstore.cli;

import io.qedstore.api.CopyInfo;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeInfo;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ApiException;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
        Progress progress = new Progress(out, output.isJson());
        Map<String, String> stuck = new LinkedHashMap<>();
        int moved = dryRun ? forecast(plan(node, Set.of(), stuck), progress) : moveAll(node, stuck, progress);
        for (ImageInfo image : node.images(true)) {
            if (isHere(image)) {
                stuck.put(
                        image.name(),
                        "image '" + image.name()
                                + "' in the trash, which is not moved: `qedstore image undelete` it, or"
                                + " wait until the trash is emptied (trash.keep)");
            }
        }
        if (!stuck.isEmpty()) {
            throw new CommandFailure("node '" + id + "' still has " + String.join("; ", stuck.values())
                    + ". Drain again when that is mended");
        }
        progress.say(
                dryRun
                        ? moved + " images would be moved"
                        : "node '" + id + "' has no images any more; " + moved + " were moved");
    }

    private static int forecast(List<Move> moves, Progress progress) {
        moves.forEach(move -> progress.say(sentence(move, "would go")));
        return moves.size();
    }

    /** Until there is nothing more that can be moved: images come that were being made when the node was told to take none. */
    private int moveAll(ApiClient node, Map<String, String> stuck, Progress progress)
            throws IOException, CommandFailure {
        Set<String> moved = new HashSet<>(); // which the node that is asked may not have heard yet
        while (true) {
            List<Move> moves = plan(node, moved, stuck);
            if (moves.isEmpty()) {
                return moved.size();
            }
            for (Move move : moves) {
                String name = move.image().name();
                try {
                    run(node, move, progress);
                    moved.add(name);
                } catch (ApiException | CommandFailure e) {
                    stuck.put(name, "image '" + name + "', since " + e.getMessage());
                    progress.say("image '" + name + "' stays: " + e.getMessage());
                }
            }
        }
    }

    private boolean isHere(ImageInfo image) {
        return image.owner().equals(id) || image.replicas().contains(id);
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

    /**
     * @param done images that are left out
     * @param stuck by name, why images cannot be moved; those are left out, too, and others added
     */
    private List<Move> plan(ApiClient node, Set<String> done, Map<String, String> stuck) throws IOException {
        List<ImageInfo> images = node.images(false);
        NodeLoads loads = NodeLoads.of(node.nodes(), images, id);
        List<Move> moves = new ArrayList<>();
        for (ImageInfo image : images) {
            if (!isHere(image) || done.contains(image.name()) || stuck.containsKey(image.name())) {
                continue;
            }
            boolean owns = image.owner().equals(id);
            Optional<String> newCopy = loads.takeLeastLoaded(image);
            Optional<String> newOwner = owns ? loads.newOwner(image, newCopy) : Optional.empty();
            boolean isAlone = newCopy.isEmpty() && image.replicas().size() == 1;
            if (owns && newOwner.isEmpty()) {
                stuck.put(
                        image.name(),
                        "image '" + image.name() + "', which no other node can own: add one that runs and can");
            } else if (isAlone) {
                stuck.put(
                        image.name(),
                        "image '" + image.name() + "', which would be left with one copy: add a node that can take"
                                + " another, or `qedstore replica remove` what is not needed");
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
