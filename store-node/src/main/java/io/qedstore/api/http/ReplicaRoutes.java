package io.qedstore.api.http;

import static io.qedstore.api.http.ImageRoutes.NAME;

import io.qedstore.api.CopyList;
import io.qedstore.api.NodeService;
import java.io.IOException;
import java.util.List;

/** The copies of an image. */
final class ReplicaRoutes {
    private static final Parameter LOCAL =
            Parameter.oneOf("local", "Whether to tell of the copy of the node that is asked alone.", "true", "false");

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
                        .by(replicas::list));
    }

    private void list(Call call) throws IOException, RefusedException {
        String name = call.path(NAME);
        call.answer(
                200, new CopyList(call.flag(LOCAL) ? node.copy(name).stream().toList() : survey.all(name)));
    }
}
