package io.qedstore.serve;

import java.nio.file.Path;

/** Where a server listens. */
enum Listener {
    TCP,
    UNIX;

    /** The option of {@code file serve}. */
    String option(Path folder) {
        return switch (this) {
            case TCP -> "--listen=127.0.0.1:0";
            case UNIX -> "--socket=" + folder.resolve("nbd.sock");
        };
    }
}
