package io.qedstore.cli.upload;

import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImportRequest;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ApiException;
import io.qedstore.cli.api.NoAnswerException;
import io.qedstore.cli.api.RefusedException;
import io.qedstore.cli.download.Pause;
import io.qedstore.cli.upload.FilePieces.Piece;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;

/**
 * Imports a file: sends what is not zero, in pieces, in order, and waits until the node has made an image of it. A connection that
 * breaks is made again; an import that the node does not keep any more is begun again; a run that ended too early is gone on with by
 * the next, as long as the node keeps what it has.
 */
public final class ImportUpload {
    private static final int TRIES = 7;
    private static final int BEGINNINGS = 3;
    private static final Duration FIRST_PAUSE = Duration.ofMillis(200);
    private static final Duration LOOK = Duration.ofMillis(300);

    /** An import that does not go on for so many looks, some ten minutes, is not waited for any longer. */
    private static final int LOOKS = 2000;

    private final ApiClient client;
    private final UploadWatcher watcher;
    private final Pause pause;

    public ImportUpload(ApiClient client, UploadWatcher watcher, Pause pause) {
        this.client = client;
        this.watcher = watcher;
        this.pause = pause;
    }

    /**
     * Returns once there is an image, and the copies that it is to have at least.
     *
     * @param file must not change meanwhile
     */
    public ImportInfo run(String image, FileView file, NewImportRequest request) throws IOException {
        for (int beginnings = 1; ; beginnings++) {
            ImportInfo begun = trying(() -> client.beginImport(image, request));
            if (begun.nextOffset() > 0 && beginnings == 1) {
                watcher.note("going on at byte " + begun.nextOffset() + ", where an earlier run ended");
            }
            try {
                send(begun, file);
                trying(() -> client.finishImport(begun));
                return awaitDone(begun);
            } catch (RefusedException e) {
                if (!e.isGone()) {
                    throw e;
                }
                Optional<ImportInfo> made = madeMeanwhile(begun);
                if (made.isPresent()) {
                    return made.get();
                } else if (beginnings == BEGINNINGS) {
                    throw e;
                }
                watcher.note("the node does not keep what it had of the file any more; beginning again");
            }
        }
    }

    private void send(ImportInfo begun, FileView file) throws IOException {
        FilePieces pieces = new FilePieces(file, begun.nextOffset());
        watcher.sent(begun.nextOffset(), file.length());
        for (Optional<Piece> next = pieces.next(); next.isPresent(); next = pieces.next()) {
            Piece piece = next.get();
            trying(() -> client.sendPiece(begun, piece.fileOffset(), piece.bytes()));
            watcher.sent(piece.fileOffset() + piece.bytes().remaining(), file.length());
        }
    }

    private ImportInfo awaitDone(ImportInfo begun) throws IOException {
        ImportInfo last = begun;
        int looks = 0;
        while (looks < LOOKS) {
            ImportInfo now = trying(() -> client.importState(begun));
            switch (now.state()) {
                case "done" -> {
                    return now;
                }
                case "failed" -> throw new IOException(now.detail().orElse("the node does not say why"));
                default -> watcher.logged(now.loggedBytes(), now.fileBytes());
            }
            looks = now.equals(last) ? looks + 1 : 0;
            last = now;
            pause.of(LOOK);
        }
        String what = last.detail().map(detail -> ": " + detail).orElse("");
        throw new IOException(
                last.state().equals("copying")
                        ? "the image is there, and all of it is in its log, but its copies do not go on" + what
                                + "; `qedstore replica list` shows them"
                        : "the import does not go on: it is " + last.state() + what);
    }

    /** The node forgets imports when it is started anew, and not what has become of them. */
    private Optional<ImportInfo> madeMeanwhile(ImportInfo begun) throws ApiException {
        try {
            if (!client.image(begun.name()).id().equals(begun.id())) {
                return Optional.empty();
            }
        } catch (RefusedException e) {
            if (e.isNotFound()) {
                return Optional.empty();
            }
            throw e;
        }
        watcher.note("the node was started anew meanwhile, and the image is there; `qedstore replica list` shows its"
                + " copies");
        return Optional.of(begun);
    }

    @FunctionalInterface
    private interface Request {
        ImportInfo send() throws ApiException;
    }

    private ImportInfo trying(Request request) throws IOException {
        Duration wait = FIRST_PAUSE;
        for (int tries = 1; ; tries++) {
            try {
                return request.send();
            } catch (NoAnswerException e) {
                giveUpAfter(tries, e);
            } catch (RefusedException e) {
                if (!e.isTemporary() && !e.isDamagedOnTheWay()) {
                    throw e;
                }
                giveUpAfter(tries, e);
            }
            pause.of(wait);
            wait = wait.multipliedBy(2);
        }
    }

    private static void giveUpAfter(int tries, IOException failure) throws IOException {
        if (tries == TRIES) {
            throw new IOException(
                    "tried " + TRIES + " times: " + failure.getMessage()
                            + "; what has arrived is kept for an hour while that node runs, and the same command goes on"
                            + " with it",
                    failure);
        }
    }
}
