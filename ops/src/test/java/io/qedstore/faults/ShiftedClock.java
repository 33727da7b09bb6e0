package io.qedstore.faults;

import io.qedstore.serve.ForeignPrograms;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Map;

/** The wall clock of another process, which can be set while that runs; what measures time there goes on as ever. By libfaketime. */
final class ShiftedClock {
    /** A process looks so often how its clock is set. */
    static final int LOOK_SECONDS = 1;

    private final Path library;
    private final Path file;

    private ShiftedClock(Path library, Path file) {
        this.library = library;
        this.file = file;
    }

    /**
     * A clock that is right.
     *
     * @param folder of the file that says how it is set
     */
    static ShiftedClock in(Path folder, String name) throws IOException, InterruptedException {
        ForeignPrograms.in(folder, "faketime");
        ShiftedClock clock = new ShiftedClock(library(), folder.resolve(name + ".clock"));
        clock.set(0);
        return clock;
    }

    private static Path library() throws IOException {
        try (DirectoryStream<Path> folders = Files.newDirectoryStream(Path.of("/usr/lib"))) {
            for (Path folder : folders) {
                Path library = folder.resolve("faketime/libfaketimeMT.so.1");
                if (Files.exists(library)) {
                    return library;
                }
            }
        }
        throw new IOException(
                "there is no /usr/lib/*/faketime/libfaketimeMT.so.1; the Debian package libfaketime has it");
    }

    /** Sets it so much ahead of this machine's, or behind it if negative. */
    void set(int seconds) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".next");
        Files.writeString(next, (seconds < 0 ? "" : "+") + seconds + "s\n");
        Files.move(next, file, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }

    /** What a process has to have in its environment to go by it. */
    Map<String, String> environment() {
        return Map.of(
                "LD_PRELOAD",
                library.toString(),
                "FAKETIME_TIMESTAMP_FILE",
                file.toString(),
                "FAKETIME_CACHE_DURATION",
                Integer.toString(LOOK_SECONDS),
                "FAKETIME_DONT_FAKE_MONOTONIC",
                "1",
                "FAKETIME_FORCE_MONOTONIC_FIX",
                "0", // with it, waits of the JVM end at once
                "FAKETIME_DISABLE_SHM",
                "1");
    }
}
