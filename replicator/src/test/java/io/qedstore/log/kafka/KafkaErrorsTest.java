package io.qedstore.log.kafka;

import static java.util.stream.Collectors.toCollection;
import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.log.LogException;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.Set;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.errors.ApiException;
import org.apache.kafka.common.errors.DisconnectException;
import org.apache.kafka.common.errors.RetriableException;
import org.apache.kafka.common.errors.SerializationException;
import org.apache.kafka.common.errors.SslAuthenticationException;
import org.apache.kafka.common.protocol.Errors;
import org.junit.jupiter.api.Test;

class KafkaErrorsTest {
    private static final Set<Errors> REFUSED = EnumSet.of(
            Errors.TOPIC_AUTHORIZATION_FAILED,
            Errors.GROUP_AUTHORIZATION_FAILED,
            Errors.CLUSTER_AUTHORIZATION_FAILED,
            Errors.TRANSACTIONAL_ID_AUTHORIZATION_FAILED,
            Errors.DELEGATION_TOKEN_AUTHORIZATION_FAILED,
            Errors.SASL_AUTHENTICATION_FAILED,
            Errors.UNSUPPORTED_SASL_MECHANISM,
            Errors.ILLEGAL_SASL_STATE,
            Errors.SECURITY_DISABLED,
            Errors.MESSAGE_TOO_LARGE,
            Errors.RECORD_LIST_TOO_LARGE,
            Errors.INVALID_CONFIG,
            Errors.INVALID_PARTITIONS,
            Errors.INVALID_RECORD,
            Errors.INVALID_REPLICA_ASSIGNMENT,
            Errors.INVALID_REPLICATION_FACTOR,
            Errors.INVALID_REQUEST,
            Errors.INVALID_REQUIRED_ACKS,
            Errors.INVALID_TIMESTAMP,
            Errors.INVALID_TOPIC_EXCEPTION,
            Errors.POLICY_VIOLATION,
            Errors.TOPIC_DELETION_DISABLED,
            Errors.UNSUPPORTED_COMPRESSION_TYPE,
            Errors.UNSUPPORTED_FOR_MESSAGE_FORMAT,
            Errors.UNSUPPORTED_VERSION);
    private static final Set<Errors> RECREATED = EnumSet.of(Errors.UNKNOWN_TOPIC_ID, Errors.INCONSISTENT_TOPIC_ID);

    private static Class<? extends LogException> expected(Errors error) {
        if (error == Errors.UNKNOWN_TOPIC_OR_PARTITION) {
            return LogException.Missing.class;
        }
        if (error == Errors.TOPIC_ALREADY_EXISTS) {
            return LogException.AlreadyExists.class;
        }
        if (RECREATED.contains(error)) {
            return LogException.Recreated.class;
        }
        return REFUSED.contains(error) ? LogException.Refused.class : LogException.Unavailable.class;
    }

    @Test
    void everyErrorOfTheBrokersHasItsMeaning() {
        for (Errors error : Errors.values()) {
            ApiException exception = error.exception();
            if (exception != null) {
                assertThat(KafkaErrors.of("x", exception)).as(error.name()).isExactlyInstanceOf(expected(error));
            }
        }
    }

    /** What may pass by itself must never be said to need other settings. */
    @Test
    void whatKafkaTriesAgainIsNeverRefused() {
        Set<Errors> retried = Arrays.stream(Errors.values())
                .filter(error -> error.exception() instanceof RetriableException)
                .collect(toCollection(() -> EnumSet.noneOf(Errors.class)));
        assertThat(retried).isNotEmpty().doesNotContainAnyElementsOf(REFUSED);
    }

    /** What concerns other topics, or leaves the record under way, must cost the producer. */
    @Test
    void fewErrorsAreOfOneTopicAlone() {
        Set<Errors> found = Arrays.stream(Errors.values())
                .filter(error -> error.exception() != null && KafkaErrors.isOfOneTopic(error.exception()))
                .collect(toCollection(() -> EnumSet.noneOf(Errors.class)));
        assertThat(found)
                .containsExactlyInAnyOrder(
                        Errors.TOPIC_AUTHORIZATION_FAILED,
                        Errors.MESSAGE_TOO_LARGE,
                        Errors.RECORD_LIST_TOO_LARGE,
                        Errors.INVALID_RECORD,
                        Errors.INVALID_TIMESTAMP,
                        Errors.INVALID_TOPIC_EXCEPTION)
                .noneMatch(error -> error.exception() instanceof RetriableException);
        assertThat(KafkaErrors.isOfOneTopic(new KafkaException("Producer is closed forcefully.")))
                .isFalse();
    }

    @Test
    void errorsOfTheClientAloneHaveTheirs() {
        assertThat(KafkaErrors.of("x", new DisconnectException())).isInstanceOf(LogException.Unavailable.class);
        assertThat(KafkaErrors.of("x", new KafkaException("Producer is closed forcefully.")))
                .isInstanceOf(LogException.Unavailable.class);
        assertThat(KafkaErrors.of("x", new SslAuthenticationException("no"))).isInstanceOf(LogException.Refused.class);
        assertThat(KafkaErrors.of("x", new SerializationException("no"))).isInstanceOf(LogException.Refused.class);
        assertThat(KafkaErrors.of("x", new KafkaException("Failed to construct", new ConfigException("no such host"))))
                .isInstanceOf(LogException.Refused.class)
                .hasMessageStartingWith("cannot x: no such host");
        assertThat(KafkaErrors.of("x", new IllegalStateException())).isInstanceOf(LogException.Unavailable.class);
    }

    @Test
    void wrappersAreTakenOff() {
        Exception inner = Errors.TOPIC_AUTHORIZATION_FAILED.exception("not for you");
        assertThat(KafkaErrors.of("read t", new CompletionException(new ExecutionException(inner))))
                .isInstanceOf(LogException.Refused.class)
                .hasMessage(
                        "cannot read t: not for you; give this node the rights and the credentials that it needs, then"
                                + " open the log again");
        LogException own = new LogException.Gap("own");
        assertThat(KafkaErrors.of("x", new CompletionException(own))).isSameAs(own);
    }
}
