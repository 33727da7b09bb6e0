package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A small Linux in an emulated machine, made of a kernel, busybox and {@code init.sh}. It has one disk, does one job on it, says on
 * its console what it found, and powers off.
 */
final class Guest {
    private static final Pattern FOUND =
            Pattern.compile("^guest: (\\d+ files, their sums are \\p{XDigit}{64})", Pattern.MULTILINE);

    private final ForeignPrograms programs;
    private final Path kernel;
    private final Path initramfs;

    private Guest(ForeignPrograms programs, Path kernel, Path initramfs) {
        this.programs = programs;
        this.kernel = kernel;
        this.initramfs = initramfs;
    }

    /** Makes the file system that it runs from. */
    static Guest make(ForeignPrograms programs) throws IOException, InterruptedException {
        Path prepared = Prepared.GUEST_KERNEL.folder();
        Path root = Files.createDirectory(programs.folder().resolve("guest"));
        for (String folder : new String[] {"bin", "dev", "proc", "lib", "mnt"}) {
            Files.createDirectory(root.resolve(folder));
        }
        try (InputStream init = Objects.requireNonNull(Guest.class.getResourceAsStream("init.sh"))) {
            Files.copy(init, root.resolve("init"));
        }
        Path initramfs = programs.folder().resolve("initramfs");
        programs.succeed("bash", "-c", """
                set -euo pipefail
                chmod +x guest/init
                cp -L "$(command -v busybox)" guest/bin/busybox
                cp "$0"/*.ko guest/lib
                cd guest
                find . | busybox cpio -o -H newc > ../initramfs
                """, prepared);
        return new Guest(programs, prepared.resolve("vmlinuz"), initramfs);
    }

    /**
     * Runs it until it has powered off.
     *
     * @param job of {@code init.sh}
     * @param drive as for qemu's {@code -drive}, but without its {@code if}
     * @return which files it found
     */
    String run(String job, String drive) throws IOException, InterruptedException {
        String console = programs.succeed(
                        "qemu-system-x86_64",
                        "-nodefaults",
                        "-no-user-config",
                        "-no-reboot", // ends when the kernel panics
                        "-accel",
                        "tcg",
                        "-m",
                        "256M",
                        "-display",
                        "none",
                        "-serial",
                        "stdio",
                        "-kernel",
                        kernel,
                        "-initrd",
                        initramfs,
                        "-append",
                        "console=ttyS0 quiet panic=-1 job=" + job,
                        "-drive",
                        drive + ",if=virtio")
                .replace("\r", "");
        assertThat(console).contains("\nguest: " + job + " is done\n");
        Matcher found = FOUND.matcher(console);
        assertThat(found.find()).as(console).isTrue();
        return found.group(1);
    }
}
