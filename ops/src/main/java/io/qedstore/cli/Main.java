package io.qedstore.cli;

import io.qedstore.qed.ImageChain;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The program. Exit codes: 0 done, 1 failed, 2 wrong usage, unless a command says otherwise. */
@Command(
        name = "qedstore",
        description = "Hosts disk images of virtual machines as QED files.",
        mixinStandardHelpOptions = true,
        version = "qedstore 0.1.0",
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            FileCommand.class,
            DevCommand.class,
            ImageCommand.class,
            ReplicaCommand.class,
            NodeCommand.class,
            TokenCommand.class,
            ClusterCommand.class,
            DemoCommand.class,
            CompletionCommand.class,
            CommandLine.HelpCommand.class
        })
public final class Main implements Runnable {
    static final int FAILED = 1;
    static final int WRONG_USAGE = 2;

    private static final int STDOUT_BUFFER_BYTES = 1 << 16;

    @Spec
    CommandSpec spec = CommandSpec.create();

    Main() {}

    public static void main(String[] args) {
        OutputStream stdout = new BufferedOutputStream(new FileOutputStream(FileDescriptor.out), STDOUT_BUFFER_BYTES);
        PrintWriter out = new PrintWriter(new OutputStreamWriter(stdout, StandardCharsets.UTF_8), false);
        PrintWriter err = new PrintWriter(new OutputStreamWriter(System.err, StandardCharsets.UTF_8), true);
        int exitCode = run(out, err, args);
        if (out.checkError() && exitCode == 0) {
            err.println("qedstore: the output could not be written to its end");
            exitCode = FAILED;
        }
        err.flush();
        System.exit(exitCode);
    }

    /** Runs one command in this process and returns its exit code. */
    public static int run(PrintWriter out, PrintWriter err, String... args) {
        CommandLine line = new CommandLine(new Main())
                .setOut(out)
                .setErr(err)
                .setUsageHelpAutoWidth(true)
                .setExpandAtFiles(false)
                .setCaseInsensitiveEnumValuesAllowed(true)
                .setParameterExceptionHandler(Main::wrongUsage)
                .setExecutionExceptionHandler(Main::failed);
        return line.execute(args);
    }

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }

    private static int wrongUsage(ParameterException e, String[] args) {
        CommandLine line = e.getCommandLine();
        String command = line.getCommandSpec().qualifiedName();
        line.getErr().println("qedstore: " + e.getMessage() + "; `" + command + " --help` shows what it takes");
        return line.getCommandSpec().exitCodeOnInvalidInput();
    }

    private static int failed(Exception e, CommandLine line, CommandLine.ParseResult parsed) {
        line.getOut().flush();
        if (e instanceof CommandFailure failure) {
            line.getErr().println("qedstore: " + Printable.of(String.valueOf(failure.getMessage())));
            return failure.exitCode();
        }
        if (e instanceof IOException io) {
            line.getErr().println("qedstore: " + Printable.of(ImageChain.reason(io)));
            return line.getCommandSpec().exitCodeOnExecutionException();
        }
        line.getErr().println("qedstore: internal error, please report it with what follows");
        e.printStackTrace(line.getErr());
        return FAILED;
    }
}
