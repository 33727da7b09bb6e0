package io.qedstore.api.http;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What came back over a connection, read as RFC 9112 has it; anything else is an error. */
final class HttpAnswers {
    private static final Pattern STATUS = Pattern.compile("HTTP/1\\.1 (\\d{3})( [\\x20-\\x7e\\x80-\\xff]*)?");
    private static final Pattern HEADER =
            Pattern.compile("([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\\t\\x20-\\x7e\\x80-\\xff]*)");

    private final byte[] bytes;
    private final String method;
    private int at;

    HttpAnswers(byte[] bytes, String method) {
        this.bytes = bytes;
        this.method = method;
    }

    /**
     * The last answer to a request, behind those that only said that it may go on.
     *
     * @param isWhole whether all of its body has come: the server may break off
     */
    record Answer(int status, Map<String, String> headers, String body, boolean isWhole) {
        String type() {
            return headers.getOrDefault("content-type", "");
        }
    }

    Answer first() {
        int status = 100;
        Map<String, String> headers = new HashMap<>();
        while (status < 200) {
            Matcher line = STATUS.matcher(line());
            if (!line.matches()) {
                throw new AssertionError("no status: " + this);
            }
            status = Integer.parseInt(line.group(1));
            headers = headers();
        }
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        boolean isWhole = readBody(status, headers, body);
        return new Answer(status, headers, body.toString(UTF_8), isWhole);
    }

    private Map<String, String> headers() {
        Map<String, String> headers = new HashMap<>();
        for (String line = line(); !line.isEmpty(); line = line()) {
            Matcher header = HEADER.matcher(line);
            if (!header.matches()) {
                throw new AssertionError("no header: " + this);
            }
            headers.put(header.group(1).toLowerCase(Locale.ROOT), header.group(2));
        }
        return headers;
    }

    private boolean readBody(int status, Map<String, String> headers, ByteArrayOutputStream body) {
        if (method.equals("HEAD") || status == 204 || status == 304) {
            return true;
        }
        if (headers.containsKey("transfer-encoding")) {
            for (int length = chunk(); length > 0; length = chunk()) {
                take(length, body);
                line();
            }
            return true;
        }
        String length = headers.get("content-length");
        int wanted = length == null ? bytes.length - at : Integer.parseInt(length);
        take(Math.min(wanted, bytes.length - at), body);
        return body.size() == wanted;
    }

    private int chunk() {
        return Integer.parseInt(line(), 16);
    }

    private void take(int length, ByteArrayOutputStream body) {
        body.write(bytes, at, length);
        at += length;
    }

    private String line() {
        for (int end = at; end + 1 < bytes.length; end++) {
            if (bytes[end] == '\r' && bytes[end + 1] == '\n') {
                String line = new String(bytes, at, end - at, ISO_8859_1);
                at = end + 2;
                return line;
            }
        }
        throw new AssertionError("a line without end: " + this);
    }

    @Override
    public String toString() {
        return new String(bytes, ISO_8859_1);
    }
}
