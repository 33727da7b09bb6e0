package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.CONFLICT;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;

import io.qedstore.api.NodeService;
import io.qedstore.api.RetentionChange;
import io.qedstore.api.RetentionForecast;
import io.qedstore.api.RetentionInfo;
import io.qedstore.security.Role;
import java.util.List;

/** How much of an image's history is kept. The image's owner answers. */
final class RetentionRoutes {
    private static final String RETENTION = "/v1/images/{name}/retention";

    private RetentionRoutes() {}

    static List<Route> of(NodeService node) {
        return List.of(
                Route.get(RETENTION, "How much of an image's history is kept")
                        .with(NAME)
                        .answers(json(200, "Its limits, and where its history begins.", RetentionInfo.class))
                        .refuses(NOT_FOUND, GONE)
                        .forwards()
                        .by(call -> call.answer(200, node.retention(call.path(NAME)))),
                Route.patch(RETENTION, "Change how much of an image's history is kept")
                        .with(NAME)
                        .takes(Role.ADMIN) // what it gives up does not come back
                        .reads(RetentionChange.class)
                        .answers(json(200, "Its limits as they are now.", RetentionInfo.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(call ->
                                call.answer(200, node.setRetention(call.path(NAME), call.body(RetentionChange.class)))),
                Route.get(RETENTION + "/plan", "What would go of an image's history now, and why no more")
                        .with(NAME)
                        .answers(json(200, "What would go; nothing has.", RetentionForecast.class))
                        .refuses(NOT_FOUND, GONE)
                        .forwards()
                        .by(call -> call.answer(200, node.retentionPlan(call.path(NAME)))));
    }
}
