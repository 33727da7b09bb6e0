package io.qedstore.log.kafka;

import io.qedstore.log.TopicId;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import java.util.function.BiConsumer;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.OffsetSpec;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.Uuid;
import org.jspecify.annotations.Nullable;

/** Asks the brokers what a topic is now. Answers come in the admin client's thread. */
final class TopicWatch {
    private static final Duration DOUBT = Duration.ofSeconds(1);

    private final Admin admin;

    TopicWatch(Admin admin) {
        this.admin = admin;
    }

    static TopicId idOf(TopicDescription description) {
        Uuid id = description.topicId();
        return new TopicId(new UUID(id.getMostSignificantBits(), id.getLeastSignificantBits()));
    }

    static Uuid uuidOf(TopicId id) {
        return new Uuid(id.value().getMostSignificantBits(), id.value().getLeastSignificantBits());
    }

    /** Which ids topics have. */
    void ids(Collection<String> topics, IdCallback callback) {
        admin.describeTopics(topics).topicNameValues().forEach((topic, future) -> {
            BiConsumer<@Nullable TopicDescription, @Nullable Throwable> answer = (description, error) ->
                    callback.answer(topic, description == null ? null : idOf(description), error);
            future.toCompletionStage().whenComplete(answer);
        });
    }

    /** What a topic is, and from where to where its log reaches. */
    CompletionStage<Extent> extent(TopicPartition partition) {
        return admin.describeTopics(List.of(partition.topic()))
                .allTopicNames()
                .toCompletionStage()
                .thenCompose(topics -> offset(partition, OffsetSpec.earliest())
                        .thenCombine(
                                offset(partition, OffsetSpec.latest()),
                                (start, end) -> new Extent(idOf(only(topics)), start.offset(), end.offset())));
    }

    /**
     * Asks for the id once more, a little later: a broker that had not heard of it yet may have named a topic that was deleted, when
     * the reach was the new one's already.
     */
    CompletionStage<Extent> again(TopicPartition partition, Extent found) {
        Executor later = CompletableFuture.delayedExecutor(DOUBT.toMillis(), TimeUnit.MILLISECONDS);
        return CompletableFuture.runAsync(() -> {}, later)
                .thenCompose(nothing -> admin.describeTopics(List.of(partition.topic()))
                        .allTopicNames()
                        .toCompletionStage())
                .thenApply(topics -> new Extent(idOf(only(topics)), found.start(), found.end()));
    }

    private static TopicDescription only(Map<String, TopicDescription> topics) {
        return topics.values().iterator().next();
    }

    private CompletionStage<ListOffsetsResultInfo> offset(TopicPartition partition, OffsetSpec which) {
        return admin.listOffsets(Map.of(partition, which))
                .partitionResult(partition)
                .toCompletionStage();
    }

    /** Called once for each topic. */
    interface IdCallback {
        /** One of the two is there. */
        void answer(String topic, @Nullable TopicId id, @Nullable Throwable error);
    }

    /**
     * A log's reach.
     *
     * @param start the first offset that is there
     * @param end one behind the last
     */
    record Extent(TopicId topicId, long start, long end) {}
}
