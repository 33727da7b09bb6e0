package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.json;

import io.qedstore.api.ClusterInfo;
import io.qedstore.api.DrainRequest;
import io.qedstore.api.NodeInfo;
import io.qedstore.api.NodeList;
import io.qedstore.api.NodeService;
import io.qedstore.security.Role;
import java.io.IOException;
import java.util.List;

/** Nodes, and how this one is. */
final class NodeRoutes {
    static final String METRICS = "/metrics";
    static final String HEALTH = "/health/";

    private static final Parameter ID = Parameter.path("id", "The node's id.");
    private static final String METRICS_TYPE = "text/plain; version=0.0.4; charset=utf-8";
    private static final String PLAIN = "text/plain; charset=utf-8";

    private final NodeService node;

    private NodeRoutes(NodeService node) {
        this.node = node;
    }

    static List<Route> of(NodeService node) {
        NodeRoutes nodes = new NodeRoutes(node);
        return List.of(
                Route.get("/v1/nodes", "The nodes that have announced themselves, in the order of their ids")
                        .answers(json(200, "All of them.", NodeList.class))
                        .about(Route.Scope.COMMON)
                        .by(call -> call.answer(200, new NodeList(node.nodes()))),
                Route.get("/v1/nodes/{id}", "A node, as it has announced itself")
                        .with(ID)
                        .answers(json(200, "The node.", NodeInfo.class))
                        .about(Route.Scope.COMMON)
                        .refuses(ProblemKind.NOT_FOUND)
                        .by(nodes::one),
                Route.post("/v1/nodes/{id}/drain", "Say whether a node takes new images")
                        .with(ID)
                        .takes(Role.ADMIN)
                        .reads(DrainRequest.class)
                        .answers(json(200, "The node as it is now.", NodeInfo.class))
                        .refuses(ProblemKind.NOT_FOUND)
                        .by(call -> call.answer(
                                200,
                                node.drain(
                                        call.path(ID),
                                        call.body(DrainRequest.class).draining()))),
                Route.get("/v1/cluster", "What this node sees of the cluster")
                        .answers(json(200, "What it sees.", ClusterInfo.class))
                        .about(Route.Scope.COMMON)
                        .by(call -> call.answer(200, node.cluster())),
                Route.get(HEALTH + "live", "Whether the process runs")
                        .answers(Answer.of(200, "It does.", PLAIN))
                        .about(Route.Scope.OPEN)
                        .by(call -> text(call, PLAIN, "live\n")),
                Route.get(HEALTH + "ready", "Whether the node serves")
                        .answers(Answer.of(200, "It does.", PLAIN))
                        .about(Route.Scope.OPEN)
                        .refuses(ProblemKind.NOT_READY)
                        .by(nodes::ready),
                Route.get(METRICS, "What Prometheus reads")
                        .answers(Answer.of(200, "Metrics in the text format.", METRICS_TYPE))
                        .by(call -> text(call, METRICS_TYPE, node.metrics())));
    }

    private void one(Call call) throws IOException, RefusedException {
        String id = call.path(ID);
        call.answer(
                200,
                node.nodes().stream()
                        .filter(info -> info.id().equals(id))
                        .findAny()
                        .orElseThrow(() -> new RefusedException(
                                ProblemKind.NOT_FOUND, "no node '" + JsonBody.shown(id) + "' has announced itself")));
    }

    private void ready(Call call) throws RefusedException {
        String reason = node.notReady().orElse("");
        if (!reason.isEmpty()) {
            throw new RefusedException(ProblemKind.NOT_READY, reason);
        }
        text(call, PLAIN, "ready\n");
    }

    private static void text(Call call, String type, String text) {
        call.context().contentType(type).result(text);
    }
}
