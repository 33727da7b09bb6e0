package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.kafka.Finding.Severity;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TopicCheckTest {
    private static final LogName NAME = new LogName("t");
    private static final LogSettings THREE = LogSettings.ofThreeBrokers();

    private static List<Finding> findings(LogSettings asked, Map<String, String> configs, int... replicas) {
        List<Integer> partitions = Arrays.stream(replicas).boxed().toList();
        return new TopicCheck(NAME, asked, configs).findings(partitions);
    }

    @Test
    void whatIsMadeAsAskedForIsFoundGood() {
        for (LogSettings settings : List.of(THREE, LogSettings.ofOneBroker())) {
            assertThat(findings(settings, TopicConfigs.of(settings), settings.replicationFactor()))
                    .isEmpty();
        }
    }

    @ParameterizedTest
    @CsvSource({
        "cleanup.policy, compact, REFUSE",
        "cleanup.policy, 'compact,delete', REFUSE",
        "retention.ms, 604800000, REFUSE",
        "retention.bytes, 1000000, REFUSE",
        "unclean.leader.election.enable, true, REFUSE",
        "message.timestamp.type, CreateTime, REFUSE",
        "max.message.bytes, 1048588, REFUSE",
        "min.insync.replicas, 1, REFUSE",
        "min.insync.replicas, 4, REFUSE",
        "min.insync.replicas, 3, WARN",
        "compression.type, zstd, WARN",
        "flush.messages, 1, WARN",
    })
    void eachOtherSettingIsFound(String name, String value, Severity severity) {
        Map<String, String> configs = new HashMap<>(TopicConfigs.of(THREE));
        configs.put(name, value);
        assertThat(findings(THREE, configs, 3)).singleElement().satisfies(finding -> {
            assertThat(finding.setting()).isEqualTo(name);
            assertThat(finding.found()).isEqualTo(value);
            assertThat(finding.severity()).isEqualTo(severity);
            assertThat(finding.remedy()).startsWith("set " + name + " to ");
        });
    }

    @Test
    void eachMissingSettingIsFound() {
        for (LogSettings settings : List.of(THREE, LogSettings.ofOneBroker())) {
            for (String name : TopicConfigs.of(settings).keySet()) {
                Map<String, String> configs = new HashMap<>(TopicConfigs.of(settings));
                configs.remove(name);
                if (!name.startsWith("segment.")) {
                    assertThat(findings(settings, configs, settings.replicationFactor()))
                            .as(name)
                            .hasSize(1);
                }
            }
        }
    }

    @Test
    void fewerReplicasAreFound() {
        assertThat(findings(THREE, TopicConfigs.of(THREE), 2))
                .singleElement()
                .hasToString(
                        "topic t: replication factor is 2, expected 3: fewer brokers have the events than was asked"
                                + " for; add replicas with kafka-reassign-partitions, or ask for fewer");
        assertThat(findings(THREE, TopicConfigs.of(THREE), 5)).isEmpty();
    }

    @Test
    void morePartitionsAreFound() {
        assertThat(findings(THREE, TopicConfigs.of(THREE), 3, 3))
                .singleElement()
                .satisfies(finding -> assertThat(finding.setting()).isEqualTo("partitions"));
    }
}
