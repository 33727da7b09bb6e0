package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.empty;
import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.CONFLICT;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;

import io.qedstore.api.NewSnapshotRequest;
import io.qedstore.api.NodeService;
import io.qedstore.api.SnapshotInfo;
import io.qedstore.api.SnapshotList;
import java.io.IOException;
import java.util.List;

/** Snapshots: list, create, delete. */
final class SnapshotRoutes {
    private static final String SNAPSHOTS = "/v1/images/{name}/snapshots";
    private static final Parameter SNAPSHOT = Parameter.path("snapshot", "The snapshot's name.");

    private final NodeService node;

    private SnapshotRoutes(NodeService node) {
        this.node = node;
    }

    static List<Route> of(NodeService node) {
        SnapshotRoutes snapshots = new SnapshotRoutes(node);
        return List.of(
                Route.get(SNAPSHOTS, "The snapshots of an image, in the order of their names")
                        .with(NAME)
                        .answers(json(200, "All of them.", SnapshotList.class))
                        .refuses(NOT_FOUND, GONE)
                        .forwards()
                        .by(call -> call.answer(200, new SnapshotList(node.snapshots(call.path(NAME))))),
                Route.post(SNAPSHOTS, "Give this point of an image a name")
                        .with(NAME)
                        .mayRead(NewSnapshotRequest.class)
                        .answers(json(201, "The snapshot.", SnapshotInfo.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(snapshots::create),
                Route.delete(SNAPSHOTS + "/{snapshot}", "Forget a snapshot's name")
                        .with(NAME, SNAPSHOT)
                        .answers(empty(204, "It is gone."))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(snapshots::delete));
    }

    private void create(Call call) throws IOException, InterruptedException, RefusedException {
        call.answer(
                201,
                node.createSnapshot(
                        call.path(NAME),
                        call.optionalBody(NewSnapshotRequest.class).flatMap(NewSnapshotRequest::name)));
    }

    private void delete(Call call) throws IOException, InterruptedException {
        node.deleteSnapshot(call.path(NAME), call.path(SNAPSHOT));
        call.answerNothing();
    }
}
