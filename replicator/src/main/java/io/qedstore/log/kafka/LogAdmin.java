package io.qedstore.log.kafka;

import io.qedstore.log.LogException;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.Config;
import org.apache.kafka.clients.admin.ConfigEntry;
import org.apache.kafka.clients.admin.NewTopic;
import org.apache.kafka.clients.admin.RecordsToDelete;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.Node;
import org.apache.kafka.common.TopicCollection;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.config.ConfigResource;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.jspecify.annotations.Nullable;

/** Questions and orders to the brokers. All methods wait for the answer, up to the admin timeout. */
final class LogAdmin {
    private final Admin admin;

    LogAdmin(Admin admin) {
        this.admin = admin;
    }

    void create(LogName name, LogSettings settings) throws LogException {
        NewTopic topic = new NewTopic(name.topic(), 1, (short) settings.replicationFactor());
        topic.configs(TopicConfigs.of(settings));
        await("create " + name, admin.createTopics(List.of(topic)).all());
    }

    /** Deletes the very topic, not another that has its name. */
    void delete(LogName name, TopicDescription topic) throws LogException {
        TopicCollection ids = TopicCollection.ofTopicIds(List.of(topic.topicId()));
        await("delete " + name, admin.deleteTopics(ids).all());
    }

    @Nullable
    TopicDescription describe(LogName name) throws LogException {
        try {
            return admin.describeTopics(List.of(name.topic()))
                    .allTopicNames()
                    .get()
                    .get(name.topic());
        } catch (ExecutionException e) {
            if (e.getCause() instanceof UnknownTopicOrPartitionException) {
                return null;
            }
            throw KafkaErrors.of("describe " + name, e);
        } catch (InterruptedException e) {
            throw interrupted("describe " + name, e);
        }
    }

    Map<String, String> configs(LogName name) throws LogException {
        ConfigResource resource = new ConfigResource(ConfigResource.Type.TOPIC, name.topic());
        return configs("read the settings of " + name, List.of(resource)).getOrDefault(resource.name(), Map.of());
    }

    /** All settings of brokers, as they act. */
    Map<String, Map<String, String>> brokerConfigs(Collection<Node> brokers) throws LogException {
        List<ConfigResource> resources = brokers.stream()
                .map(node -> new ConfigResource(ConfigResource.Type.BROKER, node.idString()))
                .toList();
        return configs("read the settings of the brokers", resources);
    }

    private Map<String, Map<String, String>> configs(String attempted, Collection<ConfigResource> resources)
            throws LogException {
        Map<ConfigResource, Config> found =
                await(attempted, admin.describeConfigs(resources).all());
        Map<String, Map<String, String>> configs = new HashMap<>();
        found.forEach((resource, config) -> configs.put(resource.name(), values(config)));
        return configs;
    }

    private static Map<String, String> values(Config config) {
        Map<String, String> values = new HashMap<>();
        for (ConfigEntry entry : config.entries()) {
            String value = entry.value();
            if (value != null) {
                values.put(entry.name(), value);
            }
        }
        return values;
    }

    Collection<Node> brokers() throws LogException {
        return await("describe the cluster", admin.describeCluster().nodes());
    }

    Set<String> topics() throws LogException {
        return await("list the topics", admin.listTopics().names());
    }

    TopicWatch.Extent extent(LogName name) throws LogException {
        String attempted = "ask from where to where " + name + " reaches";
        try {
            return new TopicWatch(admin)
                    .extent(new TopicPartition(name.topic(), 0))
                    .toCompletableFuture()
                    .get();
        } catch (ExecutionException e) {
            throw KafkaErrors.of(attempted, e);
        } catch (InterruptedException e) {
            throw interrupted(attempted, e);
        }
    }

    void deleteBefore(LogName name, long offset) throws LogException {
        Map<TopicPartition, RecordsToDelete> before =
                Map.of(new TopicPartition(name.topic(), 0), RecordsToDelete.beforeOffset(offset));
        await("delete records of " + name, admin.deleteRecords(before).all());
    }

    private static <T> T await(String attempted, KafkaFuture<T> answer) throws LogException {
        try {
            return answer.get();
        } catch (ExecutionException e) {
            throw KafkaErrors.of(attempted, e);
        } catch (InterruptedException e) {
            throw interrupted(attempted, e);
        }
    }

    static LogException interrupted(String attempted, InterruptedException e) {
        Thread.currentThread().interrupt();
        return new LogException.Unavailable("cannot " + attempted + ": interrupted", e);
    }
}
