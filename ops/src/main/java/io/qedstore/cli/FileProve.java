package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.event.Sequence;
import io.qedstore.fold.ContentDivergedException;
import io.qedstore.index.CatalogImage;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.rebuild.Point;
import io.qedstore.rebuild.PointResolver;
import io.qedstore.rebuild.Rebuild;
import io.qedstore.rebuild.RebuildSource;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Holds a file against an image's log. */
@Command(
        name = "prove",
        mixinStandardHelpOptions = true,
        description = {
            "Says whether a file is an image as it was at a point; needs no node, only the image's log.",
            "The chain of the log's events is followed from its beginning, or from a checkpoint, and the image's file is made",
            "from them beside it, which takes as much disk as the image. The file is the image's if it has the same bytes,",
            "or the same but for the mark that a check is needed, which an export clears, or if guests see the same on it."
        },
        exitCodeListHeading = "Exit codes:%n",
        exitCodeList = {
            "0:It is the image at that point.",
            "1:It is not, or that could not be found out.",
            "2:The command was wrong."
        },
        footer = {
            "%nExamples:",
            "  qedstore file prove vm1.qed --kafka=127.0.0.1:9092 --image=vm1 --at=snapshot:before",
            "  qedstore file prove vm1.raw -f raw --kafka=127.0.0.1:9092 --image=vm1 --at=seq:1200 \\",
            "      --checkpoints=/var/lib/qedstore/checkpoints"
        })
final class FileProve implements Callable<Integer> {
    @Mixin
    LoggedImage logged = new LoggedImage();

    @Parameters(paramLabel = "FILE", description = "The file.")
    Path file = Path.of("");

    @Option(
            names = "-f",
            paramLabel = "FMT",
            description = "Format of FILE: raw or qed; looked up in the file if missing.")
    @Nullable
    String format;

    @Option(
            names = "--scratch",
            paramLabel = "DIR",
            description = "Where the image's file is made meanwhile (default: ${DEFAULT-VALUE}).")
    Path scratch = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));

    @Mixin
    OutputOption output = new OutputOption();

    @Spec
    CommandSpec spec = CommandSpec.create();

    /** What the log says of the image. */
    private record Made(CatalogImage image, Rebuild.Rebuilt made, Sequence from) {}

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        Point point = logged.point();
        Disks.openReadOnly(file, ImageFormat.RAW, HeaderLayout.FINAL).close(); // before the log is read
        Path folder = Files.createTempDirectory(scratch, "qedstore-prove");
        try (CheckpointPlaces places = CheckpointPlaces.open(logged.checkpoints, System.getenv());
                OfflineCluster cluster = OfflineCluster.open(logged.kafka, "prove")) {
            Path made = folder.resolve("image.qed");
            CatalogImage image = cluster.image(logged.name);
            RebuildSource source = cluster.source(image, places.stores());
            Sequence last = new PointResolver(source).end(point, Instant.now()); // before anything is made
            PrintWriter err = spec.commandLine().getErr();
            new RebuiltBases(cluster.index(), of -> cluster.source(of, places.stores()), made)
                    .make(image, () -> new RebuildLines(err, System::nanoTime));
            Made said = make(image, source, last, made);
            FileProof proof;
            try (Progress progress = Progress.start(
                    "comparing", output.isJson(), spec.commandLine().getErr())) {
                proof = FileProof.of(file, Disks.format(format), made, progress);
            }
            String sentence = proof.said(
                    file,
                    "image '" + image.name() + "' at sequence "
                            + said.made().state().sequence());
            boolean isIt = proof.result() != FileProof.Result.DIFFERENT;
            print(said, proof, isIt ? List.of(sentence) : List.of());
            if (!isIt) {
                throw new CommandFailure(sentence);
            }
        } finally {
            DurableFile.removeAll(folder);
        }
        return 0;
    }

    private Made make(CatalogImage image, RebuildSource source, Sequence last, Path made)
            throws IOException, CommandFailure {
        RebuildLines lines = new RebuildLines(spec.commandLine().getErr(), System::nanoTime);
        try {
            Rebuild.Rebuilt rebuilt = new Rebuild(source, made, lines).upTo(last);
            return new Made(image, rebuilt, new Sequence(lines.restored()));
        } catch (ContentDivergedException e) {
            throw new CommandFailure(
                    "the log of image '" + image.name() + "' contradicts itself, so that nothing can be"
                            + " proved by it: what its events make is not what it says of them: " + e.getMessage());
        }
    }

    private void print(Made said, FileProof proof, List<String> sentences) {
        PrintWriter out = spec.commandLine().getOut();
        Rebuild.Rebuilt made = said.made();
        String from = said.from().equals(Sequence.NONE) ? "its beginning" : "the checkpoint at event " + said.from();
        if (output.isJson()) {
            out.println(Json.print(json(said, proof)));
        } else {
            sentences.forEach(out::println);
            out.println("event " + made.state().sequence() + " is of " + time(made) + ", epoch "
                    + made.state().epoch());
            out.println("content digest " + made.content().sum() + " over "
                    + made.content().fileLengthBytes() + " bytes");
            out.println("chain digest " + made.state().digest() + ", followed from " + from);
            out.println(
                    made.verified().equals(said.from())
                            ? "the log does not say what the file contained"
                            : "what the log says of the file's content agrees with its events, last at sequence "
                                    + made.verified());
        }
        out.flush();
    }

    private static Instant time(Rebuild.Rebuilt made) {
        return Instant.EPOCH.plus(made.state().timeMicros(), ChronoUnit.MICROS);
    }

    private ObjectNode json(Made said, FileProof proof) {
        Rebuild.Rebuilt made = said.made();
        ObjectNode json = Json.object();
        json.put("file", file.toString())
                .put("image", said.image().name().value())
                .put("imageId", said.image().id().toString())
                .put("result", proof.result().name().toLowerCase(Locale.ROOT).replace('_', '-'))
                .put("sequence", made.state().sequence().value())
                .put("time", time(made).toString())
                .put("epoch", made.state().epoch().value())
                .put("contentDigest", made.content().sum().toString())
                .put("lengthBytes", made.content().fileLengthBytes())
                .put("chainDigest", made.state().digest().toString())
                .put("followedFrom", said.from().value())
                .put("recorded", made.verified().value());
        if (proof.result() == FileProof.Result.DIFFERENT) {
            proof.bytes().ifPresent(bytes -> json.putObject("fileDifference")
                    .put("firstOffset", bytes.firstOffset())
                    .put("blocks", bytes.blocks()));
            proof.guest().ifPresent(guest -> json.putObject("guestDifference")
                    .put("firstOffset", guest.firstOffset())
                    .put("blocks", guest.blocks()));
        }
        return json;
    }
}
