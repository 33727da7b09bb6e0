/**
 * Logs in Kafka: a topic of one partition for each image, and one for the catalog.
 *
 * <p>Made by the assembly of a node and by tools; all others see {@link io.qedstore.log.EventLog}. The only package here that
 * knows Kafka's clients; it knows bytes and offsets, not what records mean. Start at {@link io.qedstore.log.kafka.KafkaLogs};
 * from there to {@link io.qedstore.log.kafka.KafkaAppender} for how records are appended, to
 * {@link io.qedstore.log.kafka.LogReader} for how they are read, and to {@link io.qedstore.log.kafka.TopicCheck} for what a
 * topic must be like.
 */
@NullMarked
package io.qedstore.log.kafka;

import org.jspecify.annotations.NullMarked;
