/**
 * Kafka in tests. A test that needs a broker takes it from {@link io.qedstore.kafka.TestKafka} and is tagged
 * {@code kafka}, so that it can be run on containers too; one that kills brokers has a cluster of its own.
 */
@NullMarked
package io.qedstore.kafka;

import org.jspecify.annotations.NullMarked;
