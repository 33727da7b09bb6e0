/**
 * A real Kafka on this machine: one broker or three, each a process of its own, for the demo, for development and for tests.
 *
 * <p>It knows Kafka's jars as files and Kafka's clients for one question, whether the brokers are ready; nothing of images,
 * logs or nodes. It is no way to run a production cluster. Start at {@link io.qedstore.kafka.EmbeddedKafka}.
 */
@NullMarked
package io.qedstore.kafka;

import org.jspecify.annotations.NullMarked;
