package io.qedstore.node;

import io.qedstore.api.CopyVerification;
import io.qedstore.api.LogVerification;
import io.qedstore.api.Verification;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldedFile;
import io.qedstore.hosting.CopyFile;
import io.qedstore.hosting.HostedImage;
import io.qedstore.index.CatalogImage;
import io.qedstore.verify.CopyReport;
import io.qedstore.verify.LogReport;
import io.qedstore.verify.Verifications;
import io.qedstore.volume.Volume;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletionStage;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Has this node's copies and logs verified, and tells how that stands. */
final class VerifyCommands {
    private static final Logger LOG = LoggerFactory.getLogger(VerifyCommands.class);

    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final NodeParts parts;
    private final ImageLookup lookup;
    private final Verifications verifications;

    VerifyCommands(NodeParts parts, ImageLookup lookup) {
        this.parts = parts;
        this.lookup = lookup;
        this.verifications = parts.verifications();
    }

    /** @param withLog whether this node is to verify the log besides */
    Verification start(String name, boolean withLog) throws IOException {
        CatalogImage image = lookup.live(name);
        Optional<HostedImage> hosted = parts.hosted().get(image.id());
        if (withLog) {
            Optional<FoldState> known =
                    hosted.flatMap(HostedImage::copy).map(file -> file.folded().applied());
            verifications.startLog(image.id(), () -> openLog(image, known));
        }
        hosted.ifPresent(there -> verifications.startCopy(image.id(), () -> openCopy(there)));
        return state(name);
    }

    Verification state(String name) throws IOException {
        CatalogImage image = lookup.live(name);
        Optional<CopyVerification> copy = parts.hosted().get(image.id()).map(hosted -> verifications
                .copy(image.id())
                .map(report -> view(image, report))
                .orElseGet(() ->
                        CopyVerification.without(parts.self().value(), role(image), "unasked", Optional.empty())));
        return new Verification(
                verifications.log(image.id()).map(VerifyCommands::view),
                copy.stream().toList());
    }

    private io.qedstore.verify.LogVerification.Opened openLog(CatalogImage image, Optional<FoldState> known)
            throws IOException {
        return new io.qedstore.verify.LogVerification.Opened(parts.sources().of(image), known);
    }

    private FoldedFile openCopy(HostedImage hosted) throws IOException {
        String what = "image " + hosted.image().name();
        CopyFile file = await(hosted.open(), what);
        if (hosted.image().placement().owner().equals(parts.self())) {
            try {
                Volume volume = await(hosted.own(), what);
                volume.sayContent();
            } catch (IOException e) {
                LOG.info("what {} contains cannot be said in its log now: {}", what, e.getMessage());
            }
        }
        return file.folded();
    }

    private static <T> T await(CompletionStage<T> answer, String what) throws IOException {
        try {
            return CatalogCommands.await(answer, what, PATIENCE);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new InterruptedIOException("interrupted while waiting for " + what);
        }
    }

    private String role(CatalogImage image) {
        return image.placement().owner().equals(parts.self()) ? "owner" : "replica";
    }

    private CopyVerification view(CatalogImage image, CopyReport report) {
        return new CopyVerification(
                parts.self().value(),
                role(image),
                Views.word(report.verdict()),
                report.detail(),
                report.sequence(),
                report.recorded(),
                report.doneBytes(),
                report.totalBytes(),
                report.badBlocks(),
                report.badOffsets());
    }

    private static LogVerification view(LogReport report) {
        return new LogVerification(
                Views.word(report.verdict()),
                report.detail(),
                report.from(),
                report.sequence(),
                report.digest().map(Object::toString),
                report.doneRecords(),
                report.totalRecords(),
                report.voidRecords(),
                report.contentDigests());
    }
}
