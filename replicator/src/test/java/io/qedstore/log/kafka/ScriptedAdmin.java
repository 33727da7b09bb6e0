package io.qedstore.log.kafka;

import io.qedstore.log.TopicId;
import java.lang.reflect.InvocationHandler;
import java.lang.reflect.Method;
import java.lang.reflect.Proxy;
import java.util.Collection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeTopicsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult;
import org.apache.kafka.clients.admin.ListOffsetsResult.ListOffsetsResultInfo;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.common.KafkaFuture;
import org.apache.kafka.common.TopicPartition;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.apache.kafka.common.internals.KafkaFutureImpl;
import org.jspecify.annotations.Nullable;

/** Answers at once what {@link TopicWatch} asks: all topics are there, and empty, or none is. */
final class ScriptedAdmin implements InvocationHandler {
    static final TopicId ID = new TopicId(new UUID(1, 1));

    private boolean topicsAreThere = true;
    private @Nullable Error error;
    private int questions;
    private int forgetful;

    Admin admin() {
        return (Admin) Proxy.newProxyInstance(Admin.class.getClassLoader(), new Class<?>[] {Admin.class}, this);
    }

    synchronized void deleteTopics() {
        topicsAreThere = false;
    }

    /** Each question goes to another broker: so many do not know the topic. */
    synchronized void forgetTopics(int brokers) {
        forgetful = brokers;
    }

    /** @param next what the next question throws; null for nothing */
    synchronized void throwing(@Nullable Error next) {
        error = next;
    }

    synchronized int questions() {
        return questions;
    }

    @Override
    public synchronized Object invoke(Object proxy, Method method, Object[] arguments) {
        questions++;
        if (error != null) {
            throw error;
        }
        return switch (method.getName()) {
            case "describeTopics" -> topics((Collection<?>) arguments[0]);
            case "listOffsets" -> new ListOffsetsResult(offsets((Map<?, ?>) arguments[0]));
            default -> throw new UnsupportedOperationException(method.getName());
        };
    }

    private DescribeTopicsResult topics(Collection<?> names) {
        Map<String, KafkaFuture<TopicDescription>> answers = new HashMap<>();
        for (Object name : names) {
            KafkaFutureImpl<TopicDescription> answer = new KafkaFutureImpl<>();
            answers.put((String) name, answer);
            if (topicsAreThere && forgetful-- <= 0) {
                answer.complete(new TopicDescription((String) name, false, List.of(), null, TopicWatch.uuidOf(ID)));
            } else {
                answer.completeExceptionally(new UnknownTopicOrPartitionException("no such topic"));
            }
        }
        return new DescribeTopicsResult(null, answers) {};
    }

    private static Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> offsets(Map<?, ?> asked) {
        Map<TopicPartition, KafkaFuture<ListOffsetsResultInfo>> answers = new HashMap<>();
        for (Object partition : asked.keySet()) {
            answers.put(
                    (TopicPartition) partition,
                    KafkaFuture.completedFuture(new ListOffsetsResultInfo(0, 0, Optional.empty())));
        }
        return answers;
    }
}
