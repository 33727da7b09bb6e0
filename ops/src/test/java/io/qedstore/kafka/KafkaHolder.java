package io.qedstore.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/** A program that starts three brokers, pauses the last, tells their process ids and waits to be killed. */
final class KafkaHolder {
    private KafkaHolder() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        EmbeddedKafka kafka = EmbeddedKafka.start(EmbeddedKafkaSettings.three(Path.of(arguments[0])));
        kafka.pause(3);
        System.out.println(kafka.pids().values().stream().map(String::valueOf).collect(Collectors.joining(" ")));
        System.out.flush();
        while (System.in.read() >= 0) {
            // until somebody kills this program
        }
        kafka.stop();
    }
}
