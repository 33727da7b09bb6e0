package io.qedstore.node;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.event.CatalogEvent.ImageCreated;
import io.qedstore.event.LineageId;
import io.qedstore.event.Sequence;
import io.qedstore.fold.FoldState;
import io.qedstore.imports.HostableFile;
import io.qedstore.imports.ImportLog;
import io.qedstore.imports.ImportStage;
import io.qedstore.imports.KeptImport;
import io.qedstore.log.TopicId;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.LogName;
import io.qedstore.owner.OwnerSettings;
import io.qedstore.qed.format.QedHeader;
import java.io.IOException;
import java.time.Duration;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Makes an image of a file that has arrived: looks at it, makes a log, writes the file into that, and only then tells the catalog. What
 * fails before leaves nothing; what is killed before is cleared away by {@link ImportRemains}.
 */
final class ImportRun {
    private static final Logger LOG = LoggerFactory.getLogger(ImportRun.class);

    private static final DigestAlgorithm ALGORITHM = DigestAlgorithm.XXH3_128;
    private static final Duration RETRY_AFTER = Duration.ofSeconds(1);

    private final NodeParts parts;
    private final ImageCreation creation;

    ImportRun(NodeParts parts, ImageCreation creation) {
        this.parts = parts;
        this.creation = creation;
    }

    /** Takes as long as the log takes. How it ended, the import says. */
    void run(KeptImport of) {
        try {
            of.enter(ImportStage.CHECKING);
            of.requireWhole();
            QedHeader header = HostableFile.check(of.file()).header();
            ImageCreation.requireSize(parts.config(), header.imageSize(), header.geometry());
            of.enter(ImportStage.LOGGING);
            write(of, header);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            fail(of, e);
        } catch (IOException | RuntimeException e) {
            fail(of, e);
        }
    }

    private static void fail(KeptImport of, Exception cause) {
        if (of.state().stage() != ImportStage.FAILED) {
            of.failed(String.valueOf(cause.getMessage()));
        }
        if (cause instanceof ServiceException) {
            LOG.info("image {} was not imported: {}", of.name(), cause.getMessage());
        } else {
            LOG.warn("image {} could not be imported", of.name(), cause);
        }
    }

    private void write(KeptImport of, QedHeader header) throws IOException, InterruptedException {
        LogName name = LogName.of(of.id());
        LineageId lineage = new LineageId(parts.ids().get());
        Optional<TopicId> made = Optional.empty();
        boolean hasImage = false;
        try {
            made = Optional.of(parts.logs().create(name, parts.newLogs()));
            KafkaEventLog log = parts.logs().open(name, parts.newLogs());
            ImportLog into = new ImportLog(
                    log,
                    FoldState.start(of.id(), lineage, log.topicId()),
                    new OwnerSettings(parts.self(), parts.config().volume().lease(), RETRY_AFTER),
                    parts.clock(),
                    parts.ids().get(),
                    parts.imports()::isStopped);
            Sequence last = into.write(of.file(), header.imageSize(), ALGORITHM, of::logged);
            tellCatalog(of, header, lineage);
            hasImage = true;
            of.becameImage(last);
        } finally {
            if (!hasImage && of.state().stage() != ImportStage.FAILED) {
                clearAway(of, name, made);
            }
        }
    }

    private void tellCatalog(KeptImport of, QedHeader header, LineageId lineage)
            throws IOException, InterruptedException {
        try {
            parts.commands()
                    .submit(new ImageCreated(
                            of.id(),
                            lineage,
                            of.name(),
                            header.imageSize(),
                            header.geometry(),
                            ALGORITHM,
                            Optional.empty(),
                            creation.settings(of.request().asImage(of.name().value())),
                            of.placement()));
        } catch (IOException | InterruptedException e) {
            boolean isRefused = e instanceof ServiceException refused && refused.error() != ServiceError.UNAVAILABLE;
            if (!isRefused) {
                of.leftUncertain("whether there is an image " + of.name()
                        + " now is not known; look before you import it" + " again: " + e.getMessage());
            }
            throw e;
        }
    }

    /** If the log stays, the file does: by that it is found again. */
    private void clearAway(KeptImport of, LogName name, Optional<TopicId> made) {
        try {
            Optional<TopicId> there = made.isPresent() ? made : parts.logs().find(name);
            if (there.isPresent()) {
                parts.logs().delete(name, there.get());
            }
        } catch (IOException e) {
            LOG.warn("the log {}, of an image that did not come to be, could not be deleted yet", name, e);
            of.leftBehind("the log has failed, and is cleared away later; import it again");
        }
    }
}
