package io.qedstore.api.http;

import static io.qedstore.api.http.ImageRoutes.NAME;
import static io.qedstore.api.http.ProblemKind.BUSY;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;
import static io.qedstore.api.http.ProblemKind.NO_ROOM;
import static io.qedstore.api.http.ProblemKind.PRECONDITION_FAILED;
import static io.qedstore.api.http.ProblemKind.RANGE_NOT_SATISFIABLE;

import io.qedstore.api.ExportExtents;
import io.qedstore.api.ImageExport;
import io.qedstore.api.NodeService;
import java.io.IOException;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;

/** Exports: the file, and where it holds anything. */
final class ExportRoutes {
    private static final String EXPORT = "/v1/images/{name}/export";
    private static final String[] FILE_HEADERS = {
        "Accept-Ranges", "ETag", "Content-Disposition", "Repr-Digest", ExportDownload.SEQUENCE
    };
    private static final Parameter FORM = Parameter.oneOf(
            "form",
            "`qemu` (if it is not said): the header says that no check is needed; `exact`: the owner's bytes.",
            "qemu",
            "exact");
    private static final Parameter AT = Parameter.text(
            "at",
            "A point of the image's past: `seq:N`, `time:2026-11-22T12:00:00Z` or `snapshot:NAME`; as it is now if it is"
                    + " not said.");
    private static final Parameter SINCE = Parameter.text(
            "since", "A point before: an overlay is made that has what changed since then alone. Needs `backing`.");
    private static final Parameter BACKING = Parameter.text(
            "backing", "With `since`: the relative name under which the overlay finds an export of that point.");
    private static final Parameter TAG = Parameter.text(
            "tag", "The entity tag, without its quotes, of a download; a new export is made if it is not said.");
    private static final Parameter RANGE =
            Parameter.header("Range", "One range of bytes; it is of a new export unless a condition names one.");
    private static final Parameter IF_RANGE = Parameter.header(
            "If-Range",
            "The entity tag of the download to go on with; once that is gone, a new one is sent as a whole.");
    private static final Parameter IF_NONE_MATCH = Parameter.header(
            "If-None-Match", "The entity tag of a download that is there already; 304 if it is chosen.");
    private static final Parameter IF_MATCH =
            Parameter.header("If-Match", "The entity tag of the download to go on with; once that is gone, 412.");

    private final NodeService node;
    private final ExportDownload download;

    private ExportRoutes(NodeService node, ExportDownload download) {
        this.node = node;
        this.download = download;
    }

    static List<Route> of(NodeService node, ExportDownload download) {
        ExportRoutes exports = new ExportRoutes(node, download);
        return List.of(
                Route.get(EXPORT, "A consistent copy of an image's file")
                        .with(NAME, AT, FORM, SINCE, BACKING, RANGE, IF_RANGE, IF_MATCH, IF_NONE_MATCH)
                        .answers(
                                Answer.of(200, "The file.", ExportDownload.TYPE, FILE_HEADERS),
                                Answer.of(206, "A range of it.", ExportDownload.TYPE, FILE_HEADERS),
                                Answer.empty(304, "If-None-Match has named it.", "ETag"))
                        .refuses(NOT_FOUND, GONE, PRECONDITION_FAILED, RANGE_NOT_SATISFIABLE, NO_ROOM, BUSY)
                        .exports()
                        .by(exports::file),
                Route.get(EXPORT + "/extents", "Where the file of an export holds anything but zeros")
                        .with(NAME, AT, FORM, SINCE, BACKING, TAG)
                        .answers(Answer.json(200, "All extents.", ExportExtents.class))
                        .refuses(NOT_FOUND, GONE, NO_ROOM)
                        .exports()
                        .by(exports::extents));
    }

    private static ExportWanted wanted(Call call) throws RefusedException {
        boolean exact = call.query(FORM).filter("exact"::equals).isPresent();
        return ExportWanted.of(call.path(NAME), call.query(AT), exact, call.query(SINCE), call.query(BACKING));
    }

    private void file(Call call) throws IOException, InterruptedException, RefusedException {
        String name = call.path(NAME);
        download.run(call, name, new ExportSelection(node, wanted(call)));
    }

    private void extents(Call call) throws IOException, InterruptedException, RefusedException {
        Optional<String> tag = call.query(TAG);
        ExportWanted wanted = wanted(call);
        try (ImageExport export = tag.isPresent() ? wanted.kept(node, tag.get()) : wanted.make(node)) {
            call.answer(
                    200,
                    new ExportExtents(
                            export.tag(),
                            export.sequence(),
                            export.lengthBytes(),
                            HexFormat.of().formatHex(export.sha256()),
                            export.extents()));
        }
    }
}
