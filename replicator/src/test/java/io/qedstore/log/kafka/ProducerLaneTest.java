package io.qedstore.log.kafka;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.event.ImageId;
import io.qedstore.log.EventLog.AppendCallback;
import io.qedstore.log.LogException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.clients.producer.Callback;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.clients.producer.RecordMetadata;
import org.apache.kafka.common.PartitionInfo;
import org.apache.kafka.common.errors.RecordTooLargeException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** What a lane does with what Kafka's client says, or does not say. {@code RefusedRecordIT} asks real brokers. */
class ProducerLaneTest {
    private static final Duration DELIVERY = Duration.ofSeconds(2);
    private static final long DEADLINE_SECONDS = 60;

    private final List<Mock> producers = new ArrayList<>();
    private final BlockingQueue<Callback> sent = new LinkedBlockingQueue<>();
    private final ProducerLane lane = new ProducerLane(
            ProducerSettings.standard().withDeliveryTimeout(DELIVERY),
            0,
            clientId -> {
                Mock made = new Mock();
                producers.add(made);
                return made;
            },
            Runnable::run);

    /** It keeps what it is given, and answers nothing by itself. */
    private final class Mock extends MockProducer<byte[], byte[]> {
        Mock() {
            super(false, null, new ByteArraySerializer(), new ByteArraySerializer());
        }

        @Override
        public List<PartitionInfo> partitionsFor(String topic) {
            return List.of();
        }

        @Override
        public synchronized CompletableFuture<RecordMetadata> send(
                ProducerRecord<byte[], byte[]> record, Callback callback) {
            sent.add(callback);
            return new CompletableFuture<>();
        }
    }

    /** What became of an append. */
    private static final class Answer extends CompletableFuture<Long> implements AppendCallback {
        @Override
        public void appended(long offset) {
            complete(offset);
        }

        @Override
        public void failed(LogException cause) {
            completeExceptionally(cause);
        }

        Throwable failure() throws Exception {
            return handle((offset, failure) -> failure).get(DEADLINE_SECONDS, TimeUnit.SECONDS);
        }
    }

    @BeforeEach
    void start() {
        lane.start();
    }

    @AfterEach
    void close() throws InterruptedException {
        lane.close();
    }

    private KafkaAppender appender(int number) {
        return lane.newAppender(LogName.of(ImageId.of(1, number)));
    }

    private Callback appendTo(KafkaAppender appender, Answer answer) throws InterruptedException {
        appender.append(new byte[1], answer);
        Callback callback = sent.poll(DEADLINE_SECONDS, TimeUnit.SECONDS);
        assertThat(callback).as("what the producer was given").isNotNull();
        return callback;
    }

    @Test
    void aRefusalIsToldWhenNothingIsUnderWayBehindItAndCostsNobodyElse() throws Exception {
        KafkaAppender appender = appender(1);
        Answer refused = new Answer();
        Answer behind = new Answer();
        Answer others = new Answer();
        Callback first = appendTo(appender, refused);
        Callback second = appendTo(appender, behind);
        Callback other = appendTo(appender(2), others);
        first.onCompletion(null, new RecordTooLargeException("too large"));
        assertThat(refused).isNotDone();
        second.onCompletion(null, new RecordTooLargeException("too large"));
        assertThat(refused.failure()).isInstanceOf(LogException.Refused.class);
        assertThat(behind.failure()).isInstanceOf(LogException.Refused.class);
        assertThat(others).isNotDone();
        other.onCompletion(null, new RecordTooLargeException("too large"));
        assertThat(producers).hasSize(1).noneMatch(MockProducer::closed);
    }

    /** Deliberate bug: Kafka's client is waited for however long it says nothing of what lies behind. */
    @Test
    void aProducerThatStandsStillBehindARefusalIsGivenUp() throws Exception {
        KafkaAppender appender = appender(1);
        Answer refused = new Answer();
        Answer behind = new Answer();
        Answer others = new Answer();
        Callback first = appendTo(appender, refused);
        appendTo(appender, behind);
        appendTo(appender(2), others);
        first.onCompletion(null, new RecordTooLargeException("too large"));
        assertThat(refused.failure()).isInstanceOf(LogException.Refused.class);
        assertThat(behind.failure()).isInstanceOf(LogException.class);
        assertThat(others.failure()).hasMessageContaining("for the sake of another log");
        appendTo(appender(1), new Answer());
        assertThat(producers).hasSize(2);
        assertThat(producers.get(0).closed()).isTrue();
    }
}
