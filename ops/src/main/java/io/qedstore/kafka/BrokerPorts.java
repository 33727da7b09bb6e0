package io.qedstore.kafka;

import java.io.IOException;
import java.net.BindException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;

/** Where one broker listens on the loopback address: for clients and other brokers, and as a controller. */
record BrokerPorts(int broker, int controller) {
    /*
     * Below the ports that systems give to outgoing connections. Otherwise a client that looks for a killed broker can be
     * given the broker's own port, and be connected with itself.
     */
    private static final int FIRST = 20_000;
    private static final int END = 32_000;
    private static final int ATTEMPTS = 1_000;

    BrokerPorts {
        checkPort(broker);
        checkPort(controller);
    }

    private static void checkPort(int port) {
        if (port < 1 || port > 65_535) {
            throw new IllegalArgumentException("port " + port + "; from 1 to 65535");
        }
    }

    static BrokerPorts of(Map<Integer, BrokerPorts> ports, int node) {
        BrokerPorts own = ports.get(node);
        if (own == null) {
            throw new IllegalArgumentException("no broker " + node + "; there are " + ports.keySet());
        }
        return own;
    }

    /** Free ports for brokers 1 to {@code brokers}. Somebody else may take them before the brokers do. */
    static SortedMap<Integer, BrokerPorts> free(int brokers, RandomGenerator random) throws IOException {
        SortedMap<Integer, BrokerPorts> ports = new TreeMap<>();
        int next = random.nextInt(FIRST, END);
        for (int node = 1; node <= brokers; node++) {
            int broker = firstFree(next);
            int controller = firstFree(broker + 1);
            ports.put(node, new BrokerPorts(broker, controller));
            next = controller + 1;
        }
        return ports;
    }

    private static int firstFree(int from) throws IOException {
        for (int i = 0; i < ATTEMPTS; i++) {
            int port = FIRST + (from - FIRST + i) % (END - FIRST);
            if (isFree(port)) {
                return port;
            }
        }
        throw new IOException("no free port among " + ATTEMPTS + " from " + from + " on 127.0.0.1");
    }

    boolean areFree() throws IOException {
        return isFree(broker) && isFree(controller);
    }

    private static boolean isFree(int port) throws IOException {
        try (ServerSocket socket = new ServerSocket()) {
            socket.bind(new InetSocketAddress(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), port));
            return true;
        } catch (BindException e) {
            return false;
        }
    }
}
