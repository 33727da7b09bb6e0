package io.qedstore.cli;

/** Ends a command with one sentence on stderr: what failed, on what, found, expected, what to do. */
final class CommandFailure extends Exception {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    CommandFailure(int exitCode, String message) {
        super(message);
        this.exitCode = exitCode;
    }

    CommandFailure(String message) {
        this(Main.FAILED, message);
    }

    /** The same failure where a command has another exit code for it. */
    CommandFailure withExitCode(int otherExitCode) {
        return new CommandFailure(otherExitCode, String.valueOf(getMessage()));
    }

    /** The same failure with the file in front that it concerns. */
    CommandFailure on(Object file) {
        return new CommandFailure(exitCode, file + ": " + getMessage());
    }

    int exitCode() {
        return exitCode;
    }
}
