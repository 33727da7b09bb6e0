package io.qedstore.cli;

import java.io.IOException;
import java.io.PrintWriter;
import java.lang.ProcessBuilder.Redirect;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Guests whose file systems are quiet. They are thawed when this is closed, and also if the program is stopped before. */
final class FrozenGuests implements AutoCloseable {
    private final String thaw;
    private final List<String> images;
    private final PrintWriter err;
    private boolean thawed;
    private volatile @Nullable Process running;
    private final Thread stopped = new Thread(this::stopped, "qedstore-thaw");

    private FrozenGuests(String thaw, List<String> images, PrintWriter err) {
        this.thaw = thaw;
        this.images = images;
        this.err = err;
    }

    /**
     * Runs a command that freezes guests; if it fails it may have frozen some, so they are thawed then, too.
     *
     * @param freeze for {@code /bin/sh}
     * @param thaw as well
     * @throws CommandFailure if the command fails
     */
    static FrozenGuests freeze(String freeze, String thaw, List<String> images, PrintWriter err) throws CommandFailure {
        FrozenGuests frozen = new FrozenGuests(thaw, images, err);
        Runtime.getRuntime().addShutdownHook(frozen.stopped);
        boolean isFrozen = false;
        try {
            frozen.run("--freeze", freeze);
            isFrozen = true;
            return frozen;
        } finally {
            if (!isFrozen) {
                frozen.close();
            }
        }
    }

    private void run(String option, String command) throws CommandFailure {
        ProcessBuilder shell = new ProcessBuilder("/bin/sh", "-c", command)
                .redirectInput(Redirect.from(new java.io.File("/dev/null")))
                .redirectOutput(Redirect.DISCARD)
                .redirectError(Redirect.INHERIT);
        shell.environment().put("QEDSTORE_IMAGES", String.join(" ", images));
        int status;
        try {
            Process started = shell.start();
            running = started;
            status = started.waitFor();
        } catch (IOException e) {
            throw new CommandFailure("the command of " + option + " could not be started: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted while the command of " + option + " runs");
        }
        if (status != 0) {
            throw new CommandFailure("the command of " + option + " ended with status " + status + ": " + command);
        }
    }

    /** @throws CommandFailure if the command fails: guests may be frozen still */
    synchronized void thaw() throws CommandFailure {
        if (!thawed) {
            run("--thaw", thaw);
            thawed = true;
        }
    }

    /** The program is to end: what still freezes guests ends first, and a thaw that was ended with it is done again. */
    private void stopped() {
        Process last = running;
        if (last != null) {
            last.descendants().forEach(ProcessHandle::destroy);
            last.destroy();
            last.onExit().join();
        }
        thawOrSay();
    }

    private void thawOrSay() {
        try {
            thaw();
        } catch (CommandFailure e) {
            err.println(Printable.of("qedstore: " + e.getMessage() + "; guests may be frozen still"));
            err.flush();
        }
    }

    @Override
    public void close() {
        thawOrSay();
        try {
            Runtime.getRuntime().removeShutdownHook(stopped);
        } catch (IllegalStateException e) {
            return; // it is running: the program ends
        }
    }
}
