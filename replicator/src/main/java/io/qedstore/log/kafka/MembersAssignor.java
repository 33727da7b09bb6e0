package io.qedstore.log.kafka;

import io.qedstore.event.NodeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Consumer;
import org.apache.kafka.clients.consumer.ConsumerGroupMetadata;
import org.apache.kafka.clients.consumer.ConsumerPartitionAssignor;
import org.apache.kafka.common.Cluster;
import org.apache.kafka.common.Configurable;
import org.apache.kafka.common.TopicPartition;

/**
 * Tells each member of a group who the others are: a member says its node's id when it joins, and the one that leads gives the list to
 * all. One of them is given the partitions, which it need not read: Kafka's client warns of partitions that nobody has. Made by it, by
 * its name.
 */
public final class MembersAssignor implements ConsumerPartitionAssignor, Configurable {
    static final String NODE = "qedstore.members.node";
    static final String LISTENER = "qedstore.members.listener";

    private String node = "";
    private Consumer<Set<NodeId>> listener = members -> {};

    @Override
    @SuppressWarnings("unchecked") // it is ours
    public void configure(Map<String, ?> configs) {
        node = String.valueOf(configs.get(NODE));
        if (configs.get(LISTENER) instanceof Consumer<?> given) {
            listener = (Consumer<Set<NodeId>>) given;
        }
    }

    @Override
    public String name() {
        return "qedstore-members";
    }

    @Override
    public ByteBuffer subscriptionUserData(Set<String> topics) {
        return StandardCharsets.US_ASCII.encode(node);
    }

    @Override
    public GroupAssignment assign(Cluster metadata, GroupSubscription subscriptions) {
        Set<String> nodes = new TreeSet<>();
        subscriptions.groupSubscription().values().forEach(one -> nodes.add(text(one.userData())));
        byte[] list = String.join(" ", nodes).getBytes(StandardCharsets.US_ASCII);
        Map<String, Assignment> assignments = new HashMap<>();
        List<TopicPartition> left = partitions(metadata, subscriptions);
        for (String member : new TreeSet<>(subscriptions.groupSubscription().keySet())) {
            assignments.put(member, new Assignment(left, ByteBuffer.wrap(list)));
            left = List.of();
        }
        return new GroupAssignment(assignments);
    }

    private static List<TopicPartition> partitions(Cluster metadata, GroupSubscription subscriptions) {
        return subscriptions.groupSubscription().values().stream()
                .flatMap(one -> one.topics().stream())
                .distinct()
                .flatMap(topic -> metadata.partitionsForTopic(topic).stream())
                .map(partition -> new TopicPartition(partition.topic(), partition.partition()))
                .toList();
    }

    private static String text(ByteBuffer bytes) {
        return StandardCharsets.US_ASCII.decode(bytes.duplicate()).toString();
    }

    @Override
    public void onAssignment(Assignment assignment, ConsumerGroupMetadata metadata) {
        Set<NodeId> nodes = new TreeSet<>();
        for (String word : text(assignment.userData()).split(" ", -1)) {
            if (!word.isEmpty()) {
                nodes.add(new NodeId(word));
            }
        }
        listener.accept(nodes);
    }
}
