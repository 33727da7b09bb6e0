package io.qedstore.api.http;

import static io.qedstore.api.http.ImageRoutes.NAME;

import io.qedstore.api.ImageImports;
import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImportRequest;
import java.io.IOException;
import java.util.List;

/** QED files that become images: begun, sent piece by piece, finished, and then looked at until they are done. */
final class ImportRoutes {
    private static final String IMPORTS = "/v1/images/{name}/import";
    private static final String IMPORT = IMPORTS + "/{id}";
    private static final Parameter ID = Parameter.path("id", "The import's id.");
    private static final Parameter NODE = Parameter.text(
            "node",
            "The id of the node that has the import, as that has said; the one that is asked if it is not said.");
    private static final Parameter FROM =
            Parameter.text("from", "Where in the file the piece begins; 0 if it is not said.");
    private static final Parameter DIGEST = Parameter.header(
            ContentDigest.HEADER, "`sha-256=:BASE64:` of the piece, as RFC 9530 has it. Has to be there.");

    private final ImageImports imports;

    private ImportRoutes(ImageImports imports) {
        this.imports = imports;
    }

    static List<Route> of(ImageImports imports) {
        ImportRoutes routes = new ImportRoutes(imports);
        return List.of(
                Route.post(IMPORTS, "Begin to import a QED file as an image, or go on with one that was begun alike")
                        .with(NAME)
                        .reads(NewImportRequest.class)
                        .answers(info("The import, and what of the file is there already."))
                        .refuses(ProblemKind.CONFLICT, ProblemKind.NOT_FOUND, ProblemKind.NO_ROOM)
                        .forwards()
                        .by(call -> call.answer(
                                200, imports.beginImport(call.path(NAME), call.body(NewImportRequest.class)))),
                about(Route.get(IMPORT, "How far an import is; it is over when its state is `done` or `failed`"))
                        .answers(info("The import."))
                        .by(call -> call.answer(
                                200, imports.importState(call.path(NAME), call.path(ID), call.query(NODE)))),
                about(Route.put(
                                IMPORT + "/bytes",
                                "Send a piece of the file, 1 MiB at most; in order, and without what is zeros"))
                        .with(FROM, DIGEST)
                        .readsBytes()
                        .answers(info("The import, with the piece."))
                        .refuses(ProblemKind.CONFLICT, ProblemKind.PRECONDITION_FAILED, ProblemKind.NO_ROOM)
                        .by(routes::take),
                about(Route.post(IMPORT + "/finish", "Say that all of the file was sent"))
                        .answers(info("The import, which goes on by itself."))
                        .by(call -> call.answer(
                                200, imports.finishImport(call.path(NAME), call.path(ID), call.query(NODE)))),
                about(Route.delete(IMPORT, "Forget an import that is not being written into a log"))
                        .answers(Answer.empty(204, "It is forgotten."))
                        .refuses(ProblemKind.CONFLICT)
                        .by(routes::drop));
    }

    private static Answer info(String description) {
        return Answer.json(200, description, ImportInfo.class);
    }

    private static Route.Builder about(Route.Builder route) {
        return route.with(NAME, ID, NODE)
                .refuses(ProblemKind.NOT_FOUND, ProblemKind.GONE)
                .forwards();
    }

    private void take(Call call) throws IOException, RefusedException {
        BodyReader.requireType(call.context().req(), Answer.BYTES);
        byte[] piece = call.body();
        ContentDigest.require(call, piece);
        call.answer(
                200, imports.importPiece(call.path(NAME), call.path(ID), call.query(NODE), call.bytes(FROM, 0), piece));
    }

    private void drop(Call call) throws IOException, RefusedException {
        imports.dropImport(call.path(NAME), call.path(ID), call.query(NODE));
        call.answerNothing();
    }
}
