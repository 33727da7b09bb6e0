package io.qedstore.node;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** What {@code ops/guest.sh} makes for tests, once, in the cache of the user. */
enum Prepared {
    /** A Linux kernel {@code vmlinuz}, and the modules {@code NAME.ko} that it needs to see a virtio disk. */
    GUEST_KERNEL("guest-kernel"),
    /** All files of a Debian. */
    DEBIAN_ROOT("debian-root");

    private final String name;

    Prepared(String name) {
        this.name = name;
    }

    /**
     * Where it is. If it was not made the test is skipped, or fails if the system property {@code qedstore.conformance} says
     * {@code required}.
     */
    Path folder() {
        Path cache = Optional.ofNullable(System.getenv("XDG_CACHE_HOME"))
                .filter(set -> !set.isEmpty())
                .map(Path::of)
                .orElse(Path.of(System.getProperty("user.home"), ".cache"));
        Path folder = cache.resolve("qedstore").resolve(name);
        boolean made = Files.isDirectory(folder);
        if (System.getProperty("qedstore.conformance", "optional").equals("required") && !made) {
            throw new AssertionError("qedstore.conformance=required, but there is no " + folder + " (ops/guest.sh "
                    + name + " makes it)");
        }
        assumeTrue(made, "there is no " + folder + "; `ops/guest.sh " + name + "` makes it");
        return folder;
    }
}
