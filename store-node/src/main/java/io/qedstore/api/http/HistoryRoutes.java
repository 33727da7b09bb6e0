package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.CONFLICT;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;

import io.qedstore.api.HistoryItems;
import io.qedstore.api.HistoryRequest;
import io.qedstore.api.NodeService;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** Who wrote what when. */
final class HistoryRoutes {
    private static final int MOST = 10_000;
    private static final int USUAL = 1000;
    private static final Parameter FROM =
            Parameter.text("from", "The point of the first event; the history's beginning if it is not said.");
    private static final Parameter TO =
            Parameter.text("to", "The point of the last event; the history's end if it is not said.");
    private static final Parameter OFFSET = Parameter.text(
            "offset", "Where a part of the disk begins, in bytes: only events that have to do with it. With `length`.");
    private static final Parameter LENGTH = Parameter.text("length", "The bytes of that part.");
    private static final Parameter AFTER = Parameter.text(
            "after", "Where the page begins: `next` of the page before, asked for with the same window.");
    private static final Parameter LIMIT =
            Parameter.number("limit", "About how many items at most; " + USUAL + " if it is not said.", 1, MOST);

    private final NodeService node;

    private HistoryRoutes(NodeService node) {
        this.node = node;
    }

    static List<Route> of(NodeService node) {
        HistoryRoutes history = new HistoryRoutes(node);
        return List.of(Route.get("/v1/images/{name}/history", "Who wrote what of an image when, page by page")
                .with(NAME, FROM, TO, OFFSET, LENGTH, AFTER, LIMIT)
                .answers(json(200, "A page; it may be empty though more follow.", HistoryItems.class))
                .refuses(NOT_FOUND, GONE, CONFLICT)
                .forwards()
                .by(history::list));
    }

    private void list(Call call) throws IOException, RefusedException {
        HistoryRequest request = new HistoryRequest(
                call.query(FROM),
                call.query(TO),
                bytes(call, OFFSET),
                bytes(call, LENGTH),
                call.query(AFTER),
                call.number(LIMIT, USUAL));
        call.answer(200, node.history(call.path(NAME), request));
    }

    private static Optional<Long> bytes(Call call, Parameter parameter) throws RefusedException {
        Optional<String> text = call.query(parameter);
        if (text.isPresent() && !text.get().matches("\\d{1,18}")) {
            throw new RefusedException(
                    ProblemKind.INVALID,
                    "parameter '" + parameter.name() + "': found '" + JsonBody.shown(text.get())
                            + "', expected a number of bytes");
        }
        return text.map(Long::valueOf);
    }
}
