package io.qedstore.api.http;

import io.qedstore.api.NodeService;
import io.qedstore.security.Role;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.concurrent.Semaphore;

/** Parts of this node's files, for other nodes. */
final class CopyRoutes {
    private static final String TYPE = "application/octet-stream";
    private static final Parameter ID = Parameter.path("id", "The image's id.");
    private static final Parameter FROM =
            Parameter.text("from", "Where in the file to begin: a multiple of 4096, 0 if it is not said.");
    private static final Parameter MAX =
            Parameter.text("max", "How many bytes of data at most, a few more or less; 64 MiB if it is not said.");
    private static final long USUAL_MAX = 64L << 20;

    private final NodeService node;
    private final Transfer transfer;
    private final Semaphore turns;

    private CopyRoutes(NodeService node, Transfer transfer, int most) {
        this.node = node;
        this.transfer = transfer;
        this.turns = new Semaphore(most);
    }

    /** @param most that are sent at a time */
    static List<Route> of(NodeService node, Transfer transfer, int most) {
        CopyRoutes copies = new CopyRoutes(node, transfer, most);
        return List.of(Route.get("/v1/copies/{id}/bytes", "A part of this node's file of an image, for another node")
                .with(ID, FROM, MAX)
                .takes(Role.ADMIN)
                .answers(Answer.of(
                        200, "A place in the log, the file's data, and the place behind which it has nothing.", TYPE))
                .refuses(ProblemKind.NOT_FOUND, ProblemKind.BUSY)
                .by(copies::send));
    }

    private void send(Call call) throws IOException, RefusedException {
        if (!turns.tryAcquire()) {
            throw new RefusedException(ProblemKind.BUSY, "as many copies are sent as may be; try again later");
        }
        try (InputStream copy = node.copyBytes(call.path(ID), call.bytes(FROM, 0), call.bytes(MAX, USUAL_MAX))) {
            call.context().res().setContentType(TYPE);
            if (!call.context().req().getMethod().equals("HEAD")) {
                transfer.run(
                        copy::read, call.context().res().getOutputStream(), () -> Connections.abort(call.context()));
            }
        } finally {
            turns.release();
        }
    }
}
