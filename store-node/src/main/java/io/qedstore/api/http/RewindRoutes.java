package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.CONFLICT;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;
import static io.qedstore.api.http.ProblemKind.NO_ROOM;

import io.qedstore.api.ImageInfo;
import io.qedstore.api.NodeService;
import io.qedstore.api.RewindForecast;
import io.qedstore.api.RewindRequest;
import java.io.IOException;
import java.util.List;

/** Back to an earlier point, by changes like any others. The image's owner answers. */
final class RewindRoutes {
    private static final String REWIND = "/v1/images/{name}/rewind";
    private static final Parameter AT =
            Parameter.text("at", "The point: `latest`, `seq:N`, `time:2026-11-22T12:00:00Z` or `snapshot:NAME`.");

    private final NodeService node;

    private RewindRoutes(NodeService node) {
        this.node = node;
    }

    static List<Route> of(NodeService node) {
        RewindRoutes rewinds = new RewindRoutes(node);
        return List.of(
                Route.post(REWIND, "Begin to make an image's content what it was at a point; nobody may be using it")
                        .with(NAME)
                        .reads(RewindRequest.class)
                        .answers(
                                json(202, "The image; until its `rewind` is gone, nobody can use it.", ImageInfo.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT, NO_ROOM)
                        .exports()
                        .by(rewinds::begin),
                Route.get(REWIND + "/plan", "What a rewind would write")
                        .with(NAME, AT)
                        .answers(json(200, "What would be written; nothing was.", RewindForecast.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT, NO_ROOM)
                        .exports()
                        .by(rewinds::plan));
    }

    private void begin(Call call) throws IOException, InterruptedException, RefusedException {
        call.answer(
                202, node.rewind(call.path(NAME), call.body(RewindRequest.class).point()));
    }

    private void plan(Call call) throws IOException, InterruptedException, RefusedException {
        call.answer(200, node.rewindPlan(call.path(NAME), call.query(AT).orElse("latest")));
    }
}
