package io.qedstore.cli;

import java.io.BufferedReader;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStreamWriter;
import java.io.Writer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A qemu-io that writes block after block over NBD, each followed by a flush, and counts those that were answered. Block {@code i}
 * is filled with a byte of its own.
 */
final class DemoLoad implements Closeable {
    private static final int BLOCK_BYTES = 4096;

    private final Process process;
    private final long firstOffset;
    private final AtomicInteger flushed = new AtomicInteger();
    private final Thread reader;

    private DemoLoad(Process process, long firstOffset) {
        this.process = process;
        this.firstOffset = firstOffset;
        this.reader = new Thread(this::count, "count answered writes");
        reader.setDaemon(true);
        reader.start();
    }

    /** @param blocks how many it will have written in the end, if nobody stops it */
    static DemoLoad start(String uri, long firstOffset, int blocks) throws IOException {
        Process process = new ProcessBuilder("stdbuf", "-oL", "qemu-io", "-f", "raw", uri)
                .redirectErrorStream(true)
                .start();
        DemoLoad load = new DemoLoad(process, firstOffset);
        Thread feeder = new Thread(() -> load.feed(blocks), "feed qemu-io");
        feeder.setDaemon(true);
        feeder.start();
        return load;
    }

    private void feed(int blocks) {
        try (Writer in = new OutputStreamWriter(process.getOutputStream(), StandardCharsets.US_ASCII)) {
            for (int block = 0; block < blocks; block++) {
                // The empty read says on a line of its own that the flush before it was answered.
                in.write(String.format(
                        Locale.ROOT,
                        "write -q -P %d %d %d%nflush%nread -P %d %d %d%n",
                        pattern(block),
                        offset(block),
                        BLOCK_BYTES,
                        pattern(block),
                        offset(block),
                        BLOCK_BYTES));
                in.flush();
            }
        } catch (IOException e) {
            // qemu-io has ended
        }
    }

    private void count() {
        try (BufferedReader out =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.US_ASCII))) {
            for (String line = out.readLine(); line != null; line = out.readLine()) {
                if (line.contains("failed") || line.contains("error")) {
                    return; // nothing behind it counts
                }
                if (line.contains("read " + BLOCK_BYTES + "/" + BLOCK_BYTES)) {
                    flushed.incrementAndGet();
                }
            }
        } catch (IOException e) {
            // it has ended
        }
    }

    private static int pattern(int block) {
        return 1 + block % 251;
    }

    private long offset(int block) {
        return firstOffset + (long) block * BLOCK_BYTES;
    }

    /** Blocks whose flush was answered: block 0 up to this one, exclusive. */
    int flushed() {
        return flushed.get();
    }

    boolean isRunning() {
        return process.isAlive();
    }

    /** Ends it, and gives how many blocks were flushed in the end. */
    int stop() throws InterruptedException {
        process.destroyForcibly().waitFor();
        reader.join();
        return flushed.get();
    }

    /** A qemu-io command line that finds every flushed block at a place, or fails. */
    List<String> check(String uri, int blocks) {
        List<String> words = new ArrayList<>(List.of("qemu-io", "-r", "-f", "raw"));
        for (int block = 0; block < blocks; block++) {
            words.add("-c");
            words.add("read -q -P " + pattern(block) + " " + offset(block) + " " + BLOCK_BYTES);
        }
        words.add(uri);
        return words;
    }

    @Override
    public void close() {
        process.destroyForcibly();
    }
}
