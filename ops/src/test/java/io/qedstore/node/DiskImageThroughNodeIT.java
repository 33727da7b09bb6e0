package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.serve.ForeignPrograms;
import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A disk with a file system and real files goes through the nodes and comes out as it was, on each way out. */
@Tag("once") // on one JDK
class DiskImageThroughNodeIT {
    private static final Duration DEADLINE = Duration.ofMinutes(20);
    private static final long MEBIBYTE = 1 << 20;

    private final Path folder;
    private final ForeignPrograms programs;

    DiskImageThroughNodeIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs =
                ForeignPrograms.in(folder, "qemu-img", "mkfs.ext4", "e2fsck").within(DEADLINE);
    }

    @Test
    void aDiskOfLibrariesComesOutAsItWentIn() throws IOException, InterruptedException {
        Path files = Files.createDirectory(folder.resolve("files"));
        for (String entry : System.getProperty("java.class.path").split(File.pathSeparator, -1)) {
            Path jar = Path.of(entry);
            if (Files.isRegularFile(jar)) {
                Files.copy(jar, files.resolve(jar.getFileName()));
            }
        }
        programs.succeed("cp", "-a", Path.of(System.getProperty("java.home"), "legal"), files); // small files and links
        comesOutAsItWentIn(files, "256M", 30 * MEBIBYTE);
    }

    @Test
    @EnabledIfSystemProperty(named = "qedstore.soak", matches = "true", disabledReason = "takes long: -Psoak")
    void aDebianComesOutAsItWentIn() throws IOException, InterruptedException {
        comesOutAsItWentIn(Prepared.DEBIAN_ROOT.folder(), "3G", 1024 * MEBIBYTE);
    }

    private void comesOutAsItWentIn(Path files, String size, long atLeastBytes)
            throws IOException, InterruptedException {
        Path disk = folder.resolve("disk.raw");
        programs.succeed("truncate", "-s", size, disk);
        programs.succeed("mkfs.ext4", "-q", "-F", "-d", files, disk);
        String used = programs.succeed("du", "--block-size=1", disk).split("\t", 2)[0];
        assertThat(Long.parseLong(used)).as("bytes on the disk").isGreaterThan(atLeastBytes);
        try (NodePair pair = NodePair.start(folder)) {
            PairImage image = pair.create(size, List.of());
            convert("-n", "-f", "raw", "-O", "raw", disk, image.uri());
            image.awaitRest();
            image.assertSameFiles();
            for (String uri : List.of(image.uri(), image.replicaUri())) {
                programs.succeed("qemu-img", "compare", "-f", "raw", "-F", "raw", disk, uri);
                Path copy = folder.resolve("copy.raw");
                convert("-f", "raw", "-O", "raw", uri, copy);
                assertThat(Files.mismatch(disk, copy)).as("from " + uri).isEqualTo(-1);
                Files.delete(copy);
            }
            Path exported = folder.resolve("disk.qed");
            pair.ours("image", "export", "-q", image.name(), exported);
            programs.succeed("qemu-img", "check", "-f", "qed", exported);
            Path copy = folder.resolve("exported.raw");
            convert("-f", "qed", "-O", "raw", exported, copy);
            assertThat(Files.mismatch(disk, copy)).as("exported").isEqualTo(-1);
            programs.succeed("e2fsck", "-f", "-n", copy);
            pair.stop();
        }
    }

    private void convert(Object... arguments) throws IOException, InterruptedException {
        Object[] command = new Object[arguments.length + 2];
        command[0] = "qemu-img";
        command[1] = "convert";
        System.arraycopy(arguments, 0, command, 2, arguments.length);
        programs.succeed(command);
    }
}
