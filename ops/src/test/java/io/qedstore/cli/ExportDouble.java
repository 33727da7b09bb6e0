package io.qedstore.cli;

import com.sun.net.httpserver.HttpExchange;
import io.qedstore.api.ImageExport.Extent;
import io.qedstore.cli.NodeDouble.Answer;
import io.qedstore.cli.NodeDouble.Asked;
import io.qedstore.cli.api.ImageExtents;
import java.io.IOException;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Hands out one file. The test sets it and its faults before it asks. */
final class ExportDouble {
    private static final Pattern RANGE = Pattern.compile("bytes=(\\d+)-(\\d+)");
    private static final int BLOCK = 4096;

    private final List<String> ranges = Collections.synchronizedList(new ArrayList<>());
    private volatile byte[] file = new byte[0];
    private final AtomicInteger number = new AtomicInteger();
    private volatile String lie = "";
    private volatile int breakAt = Integer.MAX_VALUE;
    private final AtomicInteger breaks = new AtomicInteger();
    private volatile int replaceAt = Integer.MAX_VALUE;

    /** From now on this is the file, under a new tag. */
    void file(byte[] bytes) {
        file = bytes.clone();
        number.incrementAndGet();
    }

    /** Tells another digest than the file's; an empty one is no lie. */
    void lieAboutDigest(String sha256) {
        lie = sha256;
    }

    /** Breaks connections in the middle of an answer, from the n-th range on. */
    void breakConnections(int fromRange, int times) {
        breakAt = ranges.size() + fromRange;
        breaks.set(times);
    }

    /** Before it answers the n-th range, the file is made anew. */
    void replaceBefore(int range) {
        replaceAt = ranges.size() + range;
    }

    /** Each as {@code bytes=FIRST-LAST}. */
    List<String> ranges() {
        return List.copyOf(ranges);
    }

    void handle(HttpExchange exchange, Asked asked) throws IOException {
        if (asked.path().size() == 5) {
            String digest = lie.isEmpty() ? sha256(file) : lie;
            NodeDouble.send(
                    exchange,
                    Answer.json(200, new ImageExtents(tag(), 40 + number.get(), file.length, digest, extents())));
        } else {
            range(exchange);
        }
    }

    private String tag() {
        return "tag-" + number.get();
    }

    private void range(HttpExchange exchange) throws IOException {
        Matcher range =
                RANGE.matcher(String.valueOf(exchange.getRequestHeaders().getFirst("Range")));
        if (!range.matches()) {
            NodeDouble.send(exchange, Answer.problem(400, "a range is expected here"));
            return;
        }
        ranges.add(range.group());
        if (ranges.size() == replaceAt) {
            file(file);
        }
        if (!('"' + tag() + '"').equals(exchange.getRequestHeaders().getFirst("If-Match"))) {
            NodeDouble.send(exchange, Answer.problem(412, "that file is not kept any more"));
            return;
        }
        int first = Integer.parseInt(range.group(1));
        int end = Integer.parseInt(range.group(2)) + 1;
        byte[] bytes = Arrays.copyOfRange(file, first, end);
        exchange.getResponseHeaders().set("ETag", '"' + tag() + '"');
        exchange.getResponseHeaders().set("Content-Range", "bytes " + first + "-" + (end - 1) + "/" + file.length);
        exchange.sendResponseHeaders(206, bytes.length);
        boolean broken = ranges.size() >= breakAt && breaks.get() > 0;
        exchange.getResponseBody().write(bytes, 0, broken ? bytes.length / 2 : bytes.length);
        if (broken) {
            breaks.decrementAndGet();
        }
    }

    private List<Extent> extents() {
        List<Extent> extents = new ArrayList<>();
        byte[] zeros = new byte[BLOCK];
        for (int at = 0; at < file.length; at += BLOCK) {
            int end = Math.min(at + BLOCK, file.length);
            if (!Arrays.equals(file, at, end, zeros, 0, end - at)) {
                Extent last = extents.isEmpty() ? null : extents.get(extents.size() - 1);
                if (last != null && last.fileOffset() + last.lengthBytes() == at) {
                    extents.set(extents.size() - 1, new Extent(last.fileOffset(), end - last.fileOffset()));
                } else {
                    extents.add(new Extent(at, end - at));
                }
            }
        }
        return extents;
    }

    static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
