package io.qedstore.kafka;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.Node;

/** Finds out whether a broker does its work: it answers an Admin call and counts itself and others as members. */
final class Readiness {
    private static final int CONNECT_MS = 1_000;
    private static final int REQUEST_MS = 5_000;

    private Readiness() {}

    /**
     * Waits until a broker answers and says that all these brokers are registered.
     *
     * @throws IOException if it ended or the time is over; with the end of its logs
     */
    static void await(Broker broker, int port, Set<Integer> members, Deadline deadline, Duration patience)
            throws IOException, InterruptedException {
        while (!isOpen(port)) { // the client would complain of each failed connection
            goOn(broker, deadline, patience);
        }
        Map<String, Object> settings = Map.of(
                AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, "127.0.0.1:" + port,
                AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, REQUEST_MS,
                AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, REQUEST_MS);
        try (Admin admin = Admin.create(settings)) {
            while (!members(admin).containsAll(members)) {
                goOn(broker, deadline, patience);
            }
        }
    }

    private static void goOn(Broker broker, Deadline deadline, Duration patience)
            throws IOException, InterruptedException {
        broker.checkAlive();
        if (!deadline.goesOn()) {
            throw new IOException("Kafka broker " + broker.node() + " was not ready within " + patience.toSeconds()
                    + " seconds; the end of its logs in " + broker.folder() + ":\n" + broker.tail());
        }
    }

    private static boolean isOpen(int port) throws IOException {
        try (Socket socket = new Socket()) {
            socket.connect(
                    new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port), CONNECT_MS);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    private static Set<Integer> members(Admin admin) throws InterruptedException {
        try {
            return admin.describeCluster().nodes().get().stream().map(Node::id).collect(Collectors.toSet());
        } catch (ExecutionException e) {
            return Set.of(); // not yet; what is really wrong ends the broker or shows when the time is over
        }
    }
}
