package io.qedstore.kafka;

import java.io.IOException;
import java.nio.file.Path;
import java.util.stream.Collectors;

/**
 * A program that starts brokers, pauses the last, tells their process ids and waits to be killed, or for the end of its
 * input. Arguments: a folder, the number of brokers.
 */
final class KafkaHolder {
    private KafkaHolder() {}

    public static void main(String[] arguments) throws IOException, InterruptedException {
        Path folder = Path.of(arguments[0]);
        int brokers = Integer.parseInt(arguments[1]);
        EmbeddedKafka kafka = EmbeddedKafka.start(
                brokers == 1 ? EmbeddedKafkaSettings.one(folder) : EmbeddedKafkaSettings.three(folder));
        kafka.pause(brokers);
        System.out.println(kafka.pids().values().stream().map(String::valueOf).collect(Collectors.joining(" ")));
        System.out.flush();
        while (System.in.read() >= 0) {
            // until the end
        }
        kafka.stop();
    }
}
