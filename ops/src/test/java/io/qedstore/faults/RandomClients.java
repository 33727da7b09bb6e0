package io.qedstore.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.Closeable;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.Semaphore;
import java.util.stream.Stream;

/** Random clients of an image on several nodes, which make as many requests as they are given. One thread. */
final class RandomClients implements Closeable {
    private final List<RandomClient> all = new ArrayList<>();
    private final Semaphore permits = new Semaphore(0);
    private long given;

    /** Two on each node. */
    static RandomClients on(NodesOnKafka nodes, List<String> of, String image, Random random, int lengthBytes)
            throws IOException {
        RandomClients clients = new RandomClients();
        boolean made = false;
        try {
            for (String node : Stream.concat(of.stream(), of.stream()).toList()) {
                String uri = nodes.node(node).nbd(image);
                clients.all.add(new RandomClient(uri, random.nextLong(), lengthBytes, clients.permits));
            }
            made = true;
            return clients;
        } finally {
            if (!made) {
                clients.close();
            }
        }
    }

    /** Gives so many requests more. */
    void give(int requests) {
        given += requests;
        permits.release(requests);
    }

    private void awaitAnswers(long wanted) throws InterruptedException {
        NodesOnKafka.await(wanted + " answers", () -> {
            assertThat(all).allSatisfy(client -> assertThat(client.failure()).isEmpty());
            return all.stream().mapToLong(RandomClient::answers).sum() >= wanted;
        });
    }

    /** Returns once all requests that were given are answered. */
    void awaitAll() throws InterruptedException {
        awaitAnswers(given);
    }

    /** As {@link #awaitAll}, but half of the clients may each wait for one more answer. */
    void awaitAllOfHalf() throws InterruptedException {
        awaitAnswers(given - all.size() / 2);
    }

    /** Gives so many requests, and returns once they are answered. */
    void make(int requests) throws InterruptedException {
        give(requests);
        awaitAll();
    }

    void finish() throws IOException, InterruptedException {
        awaitAll();
        for (RandomClient client : all) {
            client.finish();
        }
    }

    @Override
    public void close() throws IOException {
        for (RandomClient client : all) {
            client.close();
        }
    }
}
