package io.qedstore.api.http;

import static io.qedstore.api.http.ImageRoutes.NAME;

import io.qedstore.api.CopyList;
import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.PlaceRequest;
import java.io.IOException;
import java.util.List;

/** The copies of an image. */
final class ReplicaRoutes {
    private static final Parameter LOCAL =
            Parameter.oneOf("local", "Whether to tell of the copy of the node that is asked alone.", "true", "false");

    private static final Parameter ON =
            Parameter.text("node", "The id of the node whose copy is meant; the one that is asked if it is not said.");
    private static final Parameter NODE = Parameter.path("node", "The id of the node.");

    private final NodeService node;
    private final CopySurvey survey;

    private ReplicaRoutes(NodeService node, CopySurvey survey) {
        this.node = node;
        this.survey = survey;
    }

    static List<Route> of(NodeService node, CopySurvey survey) {
        ReplicaRoutes replicas = new ReplicaRoutes(node, survey);
        return List.of(
                Route.get("/v1/images/{name}/replicas", "The copies of an image, on all nodes that it is placed on")
                        .with(NAME, LOCAL)
                        .answers(Answer.json(
                                200,
                                "All of them; state `unreachable` or `missing` where a node does not answer or has none.",
                                CopyList.class))
                        .refuses(ProblemKind.NOT_FOUND, ProblemKind.GONE)
                        .by(replicas::list),
                changes(Route.post("/v1/images/{name}/replicas", "Place a copy on a node, which makes it then"))
                        .with(NAME)
                        .reads(PlaceRequest.class)
                        .by(call -> call.answer(
                                200,
                                node.addReplica(
                                        call.path(NAME),
                                        call.body(PlaceRequest.class).node()))),
                changes(Route.delete("/v1/images/{name}/replicas/{node}", "Take the copy from a node"))
                        .with(NAME, NODE)
                        .by(call -> call.answer(200, node.removeReplica(call.path(NAME), call.path(NODE)))),
                Route.post("/v1/images/{name}/scrub", "Have a copy read again and compared with what is known of it")
                        .with(NAME, ON)
                        .answers(Answer.empty(204, "It will be, soon."))
                        .refuses(ProblemKind.NOT_FOUND, ProblemKind.GONE)
                        .forwards()
                        .by(replicas::scrub));
    }

    private static Route.Builder changes(Route.Builder route) {
        return route.answers(Answer.json(200, "The image as it is now.", ImageInfo.class))
                .refuses(ProblemKind.NOT_FOUND, ProblemKind.GONE, ProblemKind.CONFLICT)
                .forwards();
    }

    private void scrub(Call call) throws IOException, RefusedException {
        node.scrub(call.path(NAME), call.query(ON));
        call.answerNothing();
    }

    private void list(Call call) throws IOException, RefusedException {
        String name = call.path(NAME);
        call.answer(
                200, new CopyList(call.flag(LOCAL) ? node.copy(name).stream().toList() : survey.all(name)));
    }
}
