package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;
import org.junit.jupiter.api.io.TempDir;

/** A Linux guest works on its disk through a node, and finds all of it again on the exported file, without any node. */
@EnabledIfSystemProperty(named = "os.arch", matches = "amd64", disabledReason = "the guest's busybox is this machine's")
@Tag("once") // on one JDK
class GuestBootIT {
    private static final Duration DEADLINE = Duration.ofMinutes(10);

    private final Path folder;
    private final ForeignPrograms programs;

    GuestBootIT(@TempDir Path folder) throws IOException, InterruptedException {
        this.folder = folder;
        this.programs = ForeignPrograms.in(folder, "qemu-img", "qemu-system-x86_64", "busybox", "mkfs.ext4", "e2fsck")
                .within(DEADLINE);
    }

    @Test
    void whatAGuestWritesThroughANodeIsInTheExportedFile() throws IOException, InterruptedException {
        Guest guest = Guest.make(programs);
        programs.succeed("truncate", "-s", "128M", "empty.raw");
        programs.succeed("mkfs.ext4", "-q", "-F", "empty.raw");
        Path exported = folder.resolve("vm.qed");
        String written;
        try (NodePair pair = NodePair.start(folder)) {
            PairImage image = pair.create("128M", List.of());
            programs.succeed("qemu-img", "convert", "-n", "-f", "raw", "-O", "raw", "empty.raw", image.uri());
            written = guest.run("write", "file=" + image.uri() + ",format=raw,discard=unmap");
            image.awaitRest();
            image.assertSameFiles();
            pair.ours("image", "export", "-q", image.name(), exported);
            pair.stop();
        }
        programs.succeed("qemu-img", "check", "-f", "qed", exported);
        programs.succeed("qemu-img", "convert", "-f", "qed", "-O", "raw", exported, "vm.raw");
        programs.succeed("e2fsck", "-f", "-n", "vm.raw");
        assertThat(guest.run("check", "file=" + exported + ",format=qed")).isEqualTo(written);
    }
}
