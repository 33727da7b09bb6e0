package io.qedstore.log.kafka;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.log.LogException;
import io.qedstore.log.TopicId;
import java.io.Closeable;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.TopicPartitionInfo;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The logs that a node keeps in Kafka. One for each node, for any thread.
 *
 * <p>The methods here wait for the brokers, up to the admin timeout each; those of the logs do not.
 */
public final class KafkaLogs implements Closeable {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaLogs.class);
    private static final long LOOK_MS = 20;

    private final KafkaSettings settings;
    private final Admin client;
    private final LogAdmin admin;
    private final ProducerLanes lanes;
    private final LogReaders readers;

    private KafkaLogs(KafkaSettings settings, Admin client) {
        this.settings = settings;
        this.client = client;
        this.admin = new LogAdmin(client);
        this.lanes = new ProducerLanes(settings);
        this.readers = new LogReaders(settings, new TopicWatch(client));
    }

    /** Does not ask the brokers for anything yet. */
    public static KafkaLogs connect(KafkaSettings settings) throws LogException {
        Admin client;
        try {
            client = Admin.create(ClientConfigs.admin(settings));
        } catch (KafkaException e) {
            throw KafkaErrors.of("use the Kafka settings of this node", e);
        }
        return new KafkaLogs(settings, client);
    }

    /** How many brokers the cluster has. */
    public int brokers() throws LogException {
        return admin.brokers().size();
    }

    /** Finds what is wrong with the cluster, for logs that are kept in a certain way. */
    public List<Finding> checkCluster(LogSettings asked) throws LogException {
        return new ClusterCheck(admin.brokerConfigs(admin.brokers())).findings(asked);
    }

    /**
     * Makes a log. It can be written when this returns, and survives what its settings say.
     *
     * @throws LogException.AlreadyExists if it is there already
     * @throws LogException.Unavailable also if it was made, and could not be used in time: {@link #find} tells
     */
    public TopicId create(LogName name, LogSettings asked) throws LogException {
        admin.create(name, asked);
        long deadline = System.nanoTime() + settings.adminTimeout().toNanos();
        while (true) {
            TopicDescription topic = admin.describe(name);
            if (topic != null && hasLeader(topic)) {
                return TopicWatch.idOf(topic);
            }
            if (System.nanoTime() - deadline > 0) {
                throw new LogException.Unavailable("the topic " + name + " was made, and has no leader after "
                        + settings.adminTimeout().toMillis() + " ms; look whether the brokers are well");
            }
            pause(name);
        }
    }

    private static void pause(LogName name) throws LogException {
        try {
            Thread.sleep(LOOK_MS);
        } catch (InterruptedException e) {
            throw LogAdmin.interrupted("create " + name, e);
        }
    }

    private static boolean hasLeader(TopicDescription topic) {
        return topic.partitions().stream().allMatch(partition -> {
            @Nullable Object leader = partition.leader();
            return leader != null;
        });
    }

    /** Whether a log is there, and as which topic. */
    public Optional<TopicId> find(LogName name) throws LogException {
        return Optional.ofNullable(admin.describe(name)).map(TopicWatch::idOf);
    }

    /** The images that have logs. */
    public Set<ImageId> images() throws LogException {
        return admin.topics().stream()
                .flatMap(topic -> new LogName(topic).image().stream())
                .collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Deletes a log, for ever. Its appenders should be closed before.
     *
     * @param expected the topic that is meant
     * @throws LogException.Missing if it is not there
     * @throws LogException.Recreated if another topic has its name; that one stays
     */
    public void delete(LogName name, TopicId expected) throws LogException {
        TopicDescription topic = described(name);
        TopicId found = TopicWatch.idOf(topic);
        if (!found.equals(expected)) {
            throw TopicSight.recreated("delete " + name, expected, found);
        }
        admin.delete(name, topic);
    }

    /**
     * Opens a log.
     *
     * @param asked how it should be kept
     * @throws LogException.Missing if it is not there
     * @throws LogException.Refused if it is kept in a way that can lose acknowledged records, or hold all records up
     */
    public KafkaEventLog open(LogName name, LogSettings asked) throws LogException {
        TopicDescription topic = described(name);
        List<Finding> findings = check(name, asked, topic);
        List<Finding> refused = Finding.refused(findings);
        if (!refused.isEmpty()) {
            throw new LogException.Refused("cannot open the log " + name + ": " + Finding.text(refused));
        }
        if (!findings.isEmpty()) {
            LOG.warn("the log {} is not kept as it should be: {}", name, Finding.text(findings));
        }
        return new KafkaEventLog(name, TopicWatch.idOf(topic), admin, lanes, readers.next());
    }

    /**
     * Opens a log to read it, however it is kept.
     *
     * @throws LogException.Missing if it is not there
     */
    public KafkaEventLog openToRead(LogName name) throws LogException {
        return new KafkaEventLog(name, TopicWatch.idOf(described(name)), admin, lanes, readers.next());
    }

    /** Finds what is wrong with a log's settings. */
    public List<Finding> check(LogName name, LogSettings asked) throws LogException {
        return check(name, asked, described(name));
    }

    private List<Finding> check(LogName name, LogSettings asked, TopicDescription topic) throws LogException {
        List<Integer> replicas = topic.partitions().stream()
                .map(TopicPartitionInfo::replicas)
                .map(List::size)
                .toList();
        return new TopicCheck(name, asked, admin.configs(name)).findings(replicas);
    }

    private TopicDescription described(LogName name) throws LogException {
        TopicDescription topic = admin.describe(name);
        if (topic == null) {
            throw new LogException.Missing("there is no topic " + name);
        }
        return topic;
    }

    /**
     * Lets this node be counted among those that are there. Waits for nothing; needs the catalog's topic.
     *
     * @param listener told of the nodes whenever they change; must not wait
     */
    public NodeGroup join(Consumer<Set<NodeId>> listener) {
        return NodeGroup.join(settings, listener);
    }

    /** Fails all that is under way, in all logs. */
    @Override
    public void close() {
        lanes.close();
        readers.close();
        client.close(Duration.ZERO);
    }
}
