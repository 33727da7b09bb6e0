package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.kafka.Finding.Severity;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ClusterCheckTest {
    private static final Map<String, String> GOOD = Map.of(
            "socket.request.max.bytes", "104857600",
            "producer.id.expiration.ms", "86400000",
            "auto.create.topics.enable", "false",
            "delete.topic.enable", "true",
            "unclean.leader.election.enable", "false");

    private static List<Finding> findings(Map<String, String> configs) {
        return new ClusterCheck(Map.of("1", GOOD, "2", configs, "3", GOOD)).findings(LogSettings.ofThreeBrokers());
    }

    @Test
    void goodBrokersAreFoundGood() {
        assertThat(findings(GOOD)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "socket.request.max.bytes, 1048576, REFUSE",
        "producer.id.expiration.ms, 60000, WARN",
        "auto.create.topics.enable, true, WARN",
        "delete.topic.enable, false, WARN",
        "unclean.leader.election.enable, true, WARN",
    })
    void eachOtherSettingIsFoundAtItsBroker(String name, String value, Severity severity) {
        Map<String, String> configs = new HashMap<>(GOOD);
        configs.put(name, value);
        assertThat(findings(configs)).singleElement().satisfies(finding -> {
            assertThat(finding.where()).isEqualTo("broker 2");
            assertThat(finding.setting()).isEqualTo(name);
            assertThat(finding.found()).isEqualTo(value);
            assertThat(finding.severity()).isEqualTo(severity);
        });
    }

    @Test
    void tooFewBrokersAreFound() {
        assertThat(new ClusterCheck(Map.of("1", GOOD)).findings(LogSettings.ofThreeBrokers()))
                .singleElement()
                .satisfies(finding -> assertThat(finding.severity()).isEqualTo(Severity.REFUSE));
    }
}
