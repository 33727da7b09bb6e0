package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImportRequest;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.download.Pause;
import io.qedstore.cli.upload.ImportUpload;
import io.qedstore.content.BlockDigest;
import io.qedstore.content.ContentScan;
import io.qedstore.digest.DigestAlgorithm;
import io.qedstore.imports.HostableFile;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.file.FileView;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Makes an image of a file on this machine. */
@Command(
        name = "import",
        description = {
            "Makes an image of a disk's file. A QED file without a backing file becomes the image byte for byte; of"
                    + " anything else a QED file is made first.",
            "The image is there once all of it is in its log, and the command ends once a second node has it, where there"
                    + " is one. After a failure, the same command goes on where it ended, as long as the node keeps what it"
                    + " has."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image import vm1.qed vm1",
            "  qedstore image import --format=raw disk.img vm1 --owner=node-1",
            "  qedstore image import --flatten overlay.qed vm1",
            "  qedstore image import disk.qcow2 vm1"
        })
final class ImageImport extends ApiCommand {
    @Option(
            names = {"--format", "-f"},
            paramLabel = "FMT",
            description =
                    "What FILE is: raw, qed, or a format that qemu-img reads. Looked up in the file if missing; its"
                            + " name has to say the same then.")
    @Nullable
    String format;

    @Option(names = "--flatten", description = "Import what FILE and its backing files show, as one disk.")
    boolean flatten;

    @Option(
            names = "--backing-root",
            paramLabel = "DIR",
            description =
                    "Where the files that FILE names may lie, by whatever path (default: beside FILE and below, by"
                            + " relative names).")
    @Nullable
    Path backingRoot;

    @Option(
            names = "--temp",
            paramLabel = "DIR",
            description = "Where a QED file is made of another, which goes afterwards (default: ${DEFAULT-VALUE}).")
    Path temp = Path.of(System.getProperty("java.io.tmpdir", "/tmp"));

    @Mixin
    PlacementOptions placement = new PlacementOptions();

    @Mixin
    SettingsOptions settings = new SettingsOptions();

    @Option(names = "-q", description = "Show no progress.")
    boolean quiet;

    @Parameters(index = "0", paramLabel = "FILE", description = "The disk.")
    Path disk = Path.of("");

    @Parameters(index = "1", paramLabel = "NAME", description = "What the image is called.")
    String name = "";

    @Override
    void ask(ApiClient node, PrintWriter out) throws CommandFailure {
        List<String> replicas = placement.nodes().orElse(List.of());
        if (placement.owner().filter(replicas::contains).isPresent()) {
            throw wrongUsage(
                    "--owner and --replicas both name '" + placement.owner().get() + "', expected other nodes");
        }
        if (!Files.exists(disk)) {
            throw new CommandFailure("there is no file '" + disk + "'; expected `qedstore image import FILE NAME`");
        }
        Imported imported;
        try {
            imported = imported(node);
        } catch (IOException e) {
            throw new CommandFailure("'" + disk + "' could not be imported as '" + name + "': " + ImageChain.reason(e));
        }
        report(out, imported);
    }

    /**
     * What has become of the disk.
     *
     * @param format of the disk's file
     * @param isIdentical whether the image began as that file, byte for byte
     */
    private record Imported(String format, boolean isIdentical, ImportInfo done) {}

    private Imported imported(ApiClient node) throws IOException, CommandFailure {
        try (TransferProgress progress =
                        new TransferProgress(quiet, spec.commandLine().getErr());
                ImportSource source =
                        ImportSource.open(disk, format, flatten, backingRoot, temp, progress.of("converting"))) {
            HostableFile file = HostableFile.check(source.file());
            if (file.leakedClusters() > 0) {
                progress.note(file.leakedClusters() + " clusters of '" + disk
                        + "' are used by nothing; they do no harm and are imported, too; `qedstore file convert` leaves"
                        + " them out");
            }
            NewImportRequest request = request(source.file(), progress.of("reading"));
            ImportInfo done = new ImportUpload(node, progress, Pause.BY_THE_CLOCK).run(name, source.file(), request);
            return new Imported(source.format(), source.made() == null, done);
        }
    }

    private NewImportRequest request(FileView file, Progress progress) throws IOException, CommandFailure {
        String content = ContentScan.sum(
                        file,
                        DigestAlgorithm.XXH3_128,
                        (block, digest) -> progress.at(
                                Math.min(file.length(), (block + 1) * BlockDigest.BLOCK_BYTES), file.length()))
                .toString();
        return new NewImportRequest(
                file.length(),
                content,
                placement.owner(),
                placement.nodes(),
                placement.count(),
                settings.cache(),
                settings.attach(),
                settings.failover(),
                settings.limitIops(),
                settings.limitBps());
    }

    private void report(PrintWriter out, Imported imported) {
        ImportInfo done = imported.done();
        ObjectNode json = Json.object();
        json.put("image", done.name());
        json.put("id", done.id());
        json.put("file", disk.toString());
        json.put("format", imported.format());
        json.put("identical", imported.isIdentical());
        json.put("lengthBytes", done.fileBytes());
        json.put("sequence", done.sequence());
        json.put("owner", done.node());
        done.copies().forEach(json.putArray("copies")::add);
        String copies = done.copies().isEmpty() ? "no other node has a copy" : "copied to " + Said.list(done.copies());
        say(
                out,
                json,
                "imported '" + disk + "' (" + imported.format() + ") as '" + done.name() + "': "
                        + Said.size(done.fileBytes()) + ", sequence " + done.sequence() + ", owner " + done.node()
                        + ", "
                        + copies);
    }
}
