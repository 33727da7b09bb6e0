package io.qedstore.node;

import io.qedstore.config.LogConfig;
import io.qedstore.log.LogException;
import io.qedstore.log.kafka.Finding;
import io.qedstore.log.kafka.KafkaEventLog;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.LogName;
import io.qedstore.log.kafka.LogSettings;
import java.io.IOException;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Waits for the brokers, looks at their settings, and finds or makes the catalog's log. */
final class KafkaStart {
    private static final Logger LOG = LoggerFactory.getLogger(KafkaStart.class);
    private static final int RETRY_MS = 1000;

    private final KafkaLogs logs;
    private final LogConfig config;
    private final Consumer<String> waitingFor;

    /** @param waitingFor hears what it waits for */
    KafkaStart(KafkaLogs logs, LogConfig config, Consumer<String> waitingFor) {
        this.logs = logs;
        this.config = config;
        this.waitingFor = waitingFor;
    }

    @FunctionalInterface
    private interface Question<T> {
        T ask() throws LogException;
    }

    /** How logs are kept in this cluster, now that it answers. */
    LogSettings settings() throws IOException, InterruptedException {
        int brokers = patiently(logs::brokers);
        LogSettings settings;
        try {
            settings = config.settings(brokers);
        } catch (IllegalArgumentException e) {
            throw new IOException(
                    "the cluster has " + brokers + " brokers, and logs cannot be kept there as log.* says: "
                            + e.getMessage(),
                    e);
        }
        for (Finding finding : patiently(() -> logs.checkCluster(settings))) {
            LOG.warn("the Kafka cluster is not set up as it should be: {}", finding);
        }
        return settings;
    }

    /** Any node may be the first. */
    KafkaEventLog catalog(LogSettings settings) throws IOException, InterruptedException {
        return patiently(() -> {
            if (logs.find(LogName.CATALOG).isEmpty()) {
                try {
                    logs.create(LogName.CATALOG, settings);
                } catch (LogException.AlreadyExists e) {
                    LOG.debug("another node has made the catalog at the same time", e);
                }
            }
            return logs.open(LogName.CATALOG, settings);
        });
    }

    private <T> T patiently(Question<T> question) throws IOException, InterruptedException {
        while (true) {
            try {
                return question.ask();
            } catch (LogException.Unavailable | LogException.Missing e) {
                LOG.warn("waiting for Kafka: {}", e.getMessage());
                waitingFor.accept("waiting for Kafka: " + e.getMessage());
                TimeUnit.MILLISECONDS.sleep(RETRY_MS);
            }
        }
    }
}
