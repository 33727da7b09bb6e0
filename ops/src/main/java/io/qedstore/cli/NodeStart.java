package io.qedstore.cli;

import io.qedstore.config.ConfigException;
import io.qedstore.config.NodeConfig;
import io.qedstore.node.Node;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** Runs a store node until a signal ends it. */
@Command(
        name = "start",
        mixinStandardHelpOptions = true,
        description = {
            "Runs a store node in this terminal, until SIGTERM or SIGINT ends it in order.",
            "It prints `ready` with its endpoints once it serves."
        },
        footer = {
            "%nExamples:",
            "  qedstore node start --config=/etc/qedstore/node.properties",
            "  qedstore node start --config=node.properties --set nbd.listen=127.0.0.1:10811"
        })
final class NodeStart implements Callable<Integer> {
    @Option(names = "--config", required = true, paramLabel = "FILE", description = "The node's properties.")
    Path config = Path.of("");

    @Option(
            names = "--set",
            paramLabel = "KEY=VALUE",
            description = "A property in the place of what the file says; may be given several times.")
    List<String> overrides = new ArrayList<>();

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException, CommandFailure {
        NodeConfig read;
        try {
            read = NodeConfig.load(config, overrides);
        } catch (ConfigException e) {
            throw new CommandFailure(
                    Main.WRONG_USAGE, "the node's configuration cannot be used: " + String.join("; ", e.problems()));
        }
        StopSignal stop = StopSignal.install();
        FutureTask<Node> starting = new FutureTask<>(() -> Node.start(read));
        Thread starter = new Thread(starting, "qedstore-start");
        starter.start();
        stop.onSignal(starter::interrupt); // it may be waiting for Kafka
        try {
            serve(starting.get(), stop);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof InterruptedException) {
                return 0; // it was told to end before it was there
            }
            stop.failed();
            if (e.getCause() instanceof IOException io) {
                throw io;
            }
            throw new IllegalStateException(e.getCause());
        } catch (IOException e) {
            stop.failed();
            throw e;
        } finally {
            stop.done();
        }
        return 0;
    }

    private void serve(Node started, StopSignal stop) throws IOException, InterruptedException {
        try (Node node = started) {
            PrintWriter out = spec.commandLine().getOut();
            out.println("ready api=" + node.endpoints().api() + " nbd="
                    + node.endpoints().nbd());
            out.flush();
            stop.await();
        }
    }
}
