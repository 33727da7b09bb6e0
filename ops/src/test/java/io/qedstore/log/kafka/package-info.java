/** Logs on real brokers. {@link io.qedstore.log.kafka.Appends} and {@link io.qedstore.log.kafka.Reads} wait for results. */
@NullMarked
package io.qedstore.log.kafka;

import org.jspecify.annotations.NullMarked;
