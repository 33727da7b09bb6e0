package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;

import io.qedstore.api.NodeService;
import io.qedstore.api.Verification;
import java.io.IOException;
import java.util.List;

/** Every copy against the log. */
final class VerifyRoutes {
    private static final String VERIFY = "/v1/images/{name}/verify";
    private static final Parameter LOCAL = Parameter.oneOf(
            "local", "Whether the copy of the node that is asked is meant alone, without the log.", "true", "false");

    private final NodeService node;
    private final VerifySurvey survey;

    private VerifyRoutes(NodeService node, VerifySurvey survey) {
        this.node = node;
        this.survey = survey;
    }

    static List<Route> of(NodeService node, VerifySurvey survey) {
        VerifyRoutes verify = new VerifyRoutes(node, survey);
        return List.of(
                Route.post(VERIFY, "Have the log and all copies of an image verified, unless that is under way")
                        .with(NAME, LOCAL)
                        .answers(json(200, "How it stands; ask for it until nothing is running.", Verification.class))
                        .refuses(NOT_FOUND, GONE)
                        .by(verify::start),
                Route.get(VERIFY, "How the last verification of an image stands")
                        .with(NAME, LOCAL)
                        .answers(json(200, "How it stands.", Verification.class))
                        .refuses(NOT_FOUND, GONE)
                        .by(verify::state));
    }

    private void start(Call call) throws IOException, RefusedException {
        boolean isLocal = call.flag(LOCAL);
        answer(call, node.startVerification(call.path(NAME), !isLocal), "POST");
    }

    private void state(Call call) throws IOException, RefusedException {
        answer(call, node.verification(call.path(NAME)), "GET");
    }

    private void answer(Call call, Verification own, String method) throws IOException, RefusedException {
        call.answer(200, call.flag(LOCAL) ? own : survey.withOthers(call.path(NAME), own, method));
    }
}
