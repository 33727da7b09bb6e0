package io.qedstore.cli;

import io.qedstore.dev.DevCluster;
import io.qedstore.dev.DevCluster.DevNode;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Brokers and nodes in one terminal. */
@Command(
        name = "up",
        mixinStandardHelpOptions = true,
        description = {
            "Runs Kafka and nodes in this terminal, until SIGTERM or SIGINT ends them in order.",
            "It prints `ready` with the endpoints once all serve, and writes them to DIR/endpoints.json."
        },
        footer = {"%nExample:", "  qedstore dev up --nodes=3 --brokers=3"})
final class DevUp implements Callable<Integer> {
    private static final int MAX_NODES = 9;

    @Option(names = "--dir", paramLabel = "DIR", description = "Where everything is kept (default: ${DEFAULT-VALUE}).")
    Path folder = Path.of("qedstore-dev");

    @Option(names = "--nodes", paramLabel = "N", description = "How many nodes (default: ${DEFAULT-VALUE}).")
    int nodes = 2;

    @Option(
            names = "--brokers",
            paramLabel = "N",
            description = "How many brokers, 1 or 3 (default: ${DEFAULT-VALUE}).")
    int brokers = 1;

    @Option(names = "--fresh", description = "Begin with nothing: deletes what a run before has left in DIR.")
    boolean fresh;

    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public Integer call() throws IOException, InterruptedException {
        if (nodes < 1 || nodes > MAX_NODES || (brokers != 1 && brokers != 3)) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--nodes=" + nodes + " --brokers=" + brokers + ", expected 1 to " + MAX_NODES
                            + " nodes, and 1 or 3 brokers");
        }
        StopSignal stop = StopSignal.install();
        try (DevCluster cluster = DevCluster.start(folder.toAbsolutePath(), nodes, brokers, fresh)) {
            tell(cluster.endpoints());
            stop.await();
        } catch (IOException e) {
            stop.failed();
            throw e;
        } finally {
            stop.done();
        }
        return 0;
    }

    private void tell(DevCluster.Endpoints endpoints) {
        PrintWriter out = spec.commandLine().getOut();
        out.println("kafka " + endpoints.kafka());
        for (DevNode node : endpoints.nodes()) {
            out.println(node.id() + " api=" + node.api() + " nbd=" + node.nbd() + " data=" + node.dataDir());
        }
        out.println("ready " + folder.resolve("endpoints.json"));
        out.flush();
    }
}
