package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.empty;
import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.CONFLICT;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;

import io.qedstore.api.GroupSnapshotRequest;
import io.qedstore.api.HoldInfo;
import io.qedstore.api.ImagePointInfo;
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

    private static final String HOLD = "/v1/images/{name}/hold";
    private static final Parameter TOKEN = Parameter.path("token", "The hold's token.");

    private final NodeService node;
    private final GroupSnapshots groups;

    private SnapshotRoutes(NodeService node, GroupSnapshots groups) {
        this.node = node;
        this.groups = groups;
    }

    static List<Route> of(NodeService node, GroupSnapshots groups) {
        SnapshotRoutes snapshots = new SnapshotRoutes(node, groups);
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
                        .by(snapshots::delete),
                Route.post("/v1/snapshots", "Give this point of several images one name, all at the same moment")
                        .about(Route.Scope.IMAGES)
                        .reads(GroupSnapshotRequest.class)
                        .answers(json(201, "The snapshots.", SnapshotList.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(snapshots::createGroup),
                Route.post(
                                HOLD,
                                "Let the writes of an image's guests wait for a moment, for a snapshot of several images")
                        .with(NAME)
                        .answers(json(201, "The hold, which ends by itself.", HoldInfo.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(call -> call.answer(201, node.hold(call.path(NAME)))),
                Route.get(HOLD + "/{token}", "Where an image is whose guests' writes wait")
                        .with(NAME, TOKEN)
                        .answers(json(200, "A point behind all that was answered.", ImagePointInfo.class))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(call -> call.answer(200, node.heldPoint(call.path(NAME), call.path(TOKEN)))),
                Route.delete(HOLD + "/{token}", "Let the writes of an image's guests go on")
                        .with(NAME, TOKEN)
                        .answers(empty(204, "They do, and have waited until now."))
                        .refuses(NOT_FOUND, GONE, CONFLICT)
                        .forwards()
                        .by(snapshots::endHold));
    }

    private void createGroup(Call call) throws IOException, InterruptedException, RefusedException {
        GroupSnapshotRequest asked = call.body(GroupSnapshotRequest.class);
        for (String image : asked.images()) {
            call.visitor().requireSees(image);
        }
        call.answer(201, new SnapshotList(groups.create(asked)));
    }

    private void endHold(Call call) throws IOException {
        node.endHold(call.path(NAME), call.path(TOKEN));
        call.answerNothing();
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
