package io.qedstore.api.http;

import io.qedstore.api.ImageExport;
import io.qedstore.api.http.ExportSelection.Selected;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends the file of an export, or a range of it. */
final class ExportDownload {
    static final String TYPE = "application/octet-stream";
    static final String SEQUENCE = "X-Qedstore-Sequence";

    private static final Logger LOG = LoggerFactory.getLogger(ExportDownload.class);

    private final Transfer transfer;
    private final Semaphore downloads;

    /** @param downloads how many there may be at a time */
    ExportDownload(Transfer transfer, int downloads) {
        this.transfer = transfer;
        this.downloads = new Semaphore(downloads);
    }

    void run(Call call, String name, ExportSelection selection)
            throws IOException, InterruptedException, RefusedException {
        if (!downloads.tryAcquire()) {
            throw new RefusedException(
                    ProblemKind.BUSY, "as many downloads run as may; try again later", Map.of("Retry-After", "10"));
        }
        try {
            Selected selected = selection.select(call);
            try (ImageExport export = selected.export()) {
                send(call, name, export, selected.rangeCounts());
            }
        } finally {
            downloads.release();
        }
    }

    private void send(Call call, String name, ImageExport export, boolean rangeCounts)
            throws IOException, RefusedException {
        HttpServletResponse answer = call.context().res();
        String tag = EntityTags.quoted(export.tag());
        Optional<EntityTags> unwanted = call.header("If-None-Match").map(EntityTags::parse);
        if (unwanted.isPresent()
                && (unwanted.get().any() || unwanted.get().strong().contains(export.tag()))) {
            answer.setStatus(HttpServletResponse.SC_NOT_MODIFIED);
            answer.setContentType(null);
            answer.setHeader("ETag", tag);
            return;
        }
        boolean head = call.context().req().getMethod().equals("HEAD");
        ByteRange range = head || !rangeCounts
                ? new ByteRange.Whole()
                : call.header("Range")
                        .map(header -> ByteRange.of(header, export.lengthBytes()))
                        .orElse(new ByteRange.Whole());
        if (range instanceof ByteRange.Unsatisfiable) {
            throw new RefusedException(
                    ProblemKind.RANGE_NOT_SATISFIABLE,
                    "found Range '" + JsonBody.shown(call.header("Range").orElse("")) + "', expected one within the "
                            + export.lengthBytes() + " bytes of the export of image '" + name + "'",
                    Map.of("Content-Range", "bytes */" + export.lengthBytes(), "ETag", tag));
        }
        describe(answer, name, export, tag);
        long first = 0;
        long end = export.lengthBytes();
        if (range instanceof ByteRange.Part part) {
            first = part.first();
            end = part.last() + 1;
            answer.setStatus(HttpServletResponse.SC_PARTIAL_CONTENT);
            answer.setHeader("Content-Range", "bytes " + first + "-" + part.last() + "/" + export.lengthBytes());
        }
        answer.setContentLengthLong(end - first);
        if (!head) {
            stream(call, export, first, end);
        }
    }

    private static void describe(HttpServletResponse answer, String name, ImageExport export, String tag) {
        answer.setContentType(TYPE);
        answer.setHeader("ETag", tag);
        answer.setHeader("Accept-Ranges", "bytes");
        answer.setHeader("Cache-Control", "private, no-cache");
        answer.setHeader("Repr-Digest", "sha-256=:" + Base64.getEncoder().encodeToString(export.sha256()) + ":");
        answer.setHeader(SEQUENCE, Long.toString(export.sequence()));
        answer.setHeader("Content-Disposition", FileName.attachment(name + ".qed"));
    }

    private void stream(Call call, ImageExport export, long first, long end) throws IOException {
        long[] next = {first};
        try {
            transfer.run(
                    piece -> {
                        int length = (int) Math.min(piece.length, end - next[0]);
                        export.read(next[0], ByteBuffer.wrap(piece, 0, length));
                        next[0] += length;
                        return length;
                    },
                    call.context().res().getOutputStream(),
                    () -> Connections.abort(call.context()));
        } catch (Transfer.ClientGoneException e) {
            LOG.debug("a download of export {} ended at byte {} of {}", export.tag(), next[0], end, e);
            throw e;
        }
    }
}
