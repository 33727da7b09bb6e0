package io.qedstore.kafka;

import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.random.RandomGenerator;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One or three brokers of a real Kafka, as processes of their own that listen on the loopback address.
 *
 * <p>A folder that was started before is started again with its data, and with its ports where they are still free, so
 * take {@link #bootstrapServers} from here each time. The brokers end at once when this program does, however it ends; a
 * program that wants them to stop in order calls {@link #stop} before. Signals of a terminal do not reach them.
 *
 * <p>Acknowledged records survive the end of any broker process. They survive the end of the machine only as far as the
 * operating system had written them, as with every Kafka.
 *
 * <p>Any thread may call; the methods that change something take turns.
 */
public final class EmbeddedKafka implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedKafka.class);
    private static final int STARTS = 3;

    private final EmbeddedKafkaSettings settings;
    private final ClusterFolder folder;
    private final SortedMap<Integer, BrokerPorts> ports;
    /** Under the lock of this object; a broker that was killed stays in it until it is restarted. */
    private final SortedMap<Integer, Broker> brokers = new TreeMap<>();

    private EmbeddedKafka(EmbeddedKafkaSettings settings, ClusterFolder folder, SortedMap<Integer, BrokerPorts> ports) {
        this.settings = settings;
        this.folder = folder;
        this.ports = ports;
    }

    /**
     * Starts all brokers and returns once each answers and knows all the others.
     *
     * @throws IOException if the folder is in use, a broker ends or the time is over; nothing is left running then
     */
    public static EmbeddedKafka start(EmbeddedKafkaSettings settings) throws IOException, InterruptedException {
        ClusterFolder folder = ClusterFolder.open(settings.folder(), settings.brokers());
        boolean started = false;
        try {
            EmbeddedKafka kafka = startIn(folder, settings);
            started = true;
            return kafka;
        } finally {
            if (!started) {
                folder.close();
            }
        }
    }

    /**
     * Takes the folder of brokers that do not run, without starting them: until it is closed, nobody starts them.
     *
     * @throws IOException if they do, or if it is not such a folder
     */
    public static Closeable hold(Path folder) throws IOException {
        return ClusterFolder.hold(folder);
    }

    /** Somebody may take a free port before the broker does; then there are other ports. */
    private static EmbeddedKafka startIn(ClusterFolder folder, EmbeddedKafkaSettings settings)
            throws IOException, InterruptedException {
        RandomGenerator random = new SecureRandom();
        for (int attempt = 1; ; attempt++) {
            SortedMap<Integer, BrokerPorts> ports = folder.ports();
            if (ports.isEmpty() || !allFree(ports)) {
                ports = BrokerPorts.free(settings.brokers(), random);
                folder.keep(ports);
            }
            EmbeddedKafka kafka = new EmbeddedKafka(settings, folder, ports);
            try {
                kafka.startAll();
                return kafka;
            } catch (IOException e) {
                if (attempt == STARTS || allFree(ports)) {
                    throw e;
                }
                LOG.warn("starting Kafka on other ports, for one of {} was taken meanwhile", ports);
            }
        }
    }

    private static boolean allFree(SortedMap<Integer, BrokerPorts> ports) throws IOException {
        for (BrokerPorts own : ports.values()) {
            if (!own.areFree()) {
                return false;
            }
        }
        return true;
    }

    private synchronized void startAll() throws IOException, InterruptedException {
        boolean ready = false;
        try {
            for (int node : ports.keySet()) {
                brokers.put(node, startBroker(node));
            }
            Deadline deadline = Deadline.in(settings.startDeadline());
            for (int node : ports.keySet()) {
                awaitReady(node, ports.keySet(), deadline);
            }
            ready = true;
        } finally {
            if (!ready) {
                for (Broker broker : brokers.values()) {
                    broker.kill();
                }
            }
        }
    }

    private Broker startBroker(int node) throws IOException {
        return Broker.start(
                node,
                folder.node(node),
                folder.clusterId(),
                settings.heapMebibytes(),
                BrokerProperties.of(settings, ports, node, Broker.data(folder.node(node))));
    }

    private void awaitReady(int node, Set<Integer> members, Deadline deadline)
            throws IOException, InterruptedException {
        Readiness.await(
                broker(node), BrokerPorts.of(ports, node).broker(), members, deadline, settings.startDeadline());
    }

    private Broker broker(int node) {
        Broker broker = brokers.get(node);
        if (broker == null) {
            throw new IllegalArgumentException("no broker " + node + "; there are " + brokers.keySet());
        }
        return broker;
    }

    /** Where clients find all brokers, also those that are down. */
    public String bootstrapServers() {
        return ports.values().stream().map(own -> "127.0.0.1:" + own.broker()).collect(Collectors.joining(","));
    }

    /** The process ids of the brokers that run or are paused, by node, which are numbered from 1. */
    public synchronized SortedMap<Integer, Long> pids() {
        SortedMap<Integer, Long> pids = new TreeMap<>();
        brokers.forEach((node, broker) -> {
            if (broker.isAlive()) {
                pids.put(node, broker.pid());
            }
        });
        return pids;
    }

    /** Ends a broker as SIGKILL does. The others notice it after the session timeout. */
    public synchronized void kill(int node) throws InterruptedException {
        broker(node).kill();
    }

    /** Stops a broker in its tracks, as SIGSTOP does: its connections stay open and nothing is answered. */
    public synchronized void pause(int node) throws IOException, InterruptedException {
        broker(node).pause();
    }

    /** Lets a paused broker go on; one that is not paused is left alone. */
    public synchronized void resume(int node) throws IOException, InterruptedException {
        broker(node).resume();
    }

    /** Stops a broker in order if it runs, starts it on its ports and returns once it is a member again. */
    public synchronized void restart(int node) throws IOException, InterruptedException {
        Broker old = broker(node);
        if (old.isAlive()) {
            old.terminate();
            awaitEnd(old);
        }
        brokers.put(node, startBroker(node));
        awaitReady(node, Set.of(node), Deadline.in(settings.startDeadline()));
    }

    /**
     * Stops all brokers in order; the data stays. A broker that takes longer than the settings' stop deadline is killed,
     * which costs no acknowledged record. To call it again does nothing.
     */
    public synchronized void stop() throws IOException, InterruptedException {
        try {
            for (Broker broker : brokers.values()) {
                if (broker.isAlive()) {
                    broker.terminate();
                }
            }
            for (Broker broker : brokers.values()) {
                awaitEnd(broker);
            }
        } finally {
            for (Broker broker : brokers.values()) {
                broker.kill();
            }
            folder.close();
        }
    }

    private void awaitEnd(Broker broker) throws InterruptedException {
        if (!broker.awaitEnd(settings.stopDeadline())) {
            LOG.warn(
                    "Kafka broker {} did not stop within {} seconds and was killed",
                    broker.node(),
                    settings.stopDeadline().toSeconds());
        }
    }

    @Override
    public void close() throws IOException {
        try {
            stop();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
