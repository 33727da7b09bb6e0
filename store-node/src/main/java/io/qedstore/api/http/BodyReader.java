package io.qedstore.api.http;

import jakarta.servlet.http.HttpServletRequest;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.TimeoutException;

/** Reads a request's body, up to a limit. */
final class BodyReader {
    private BodyReader() {}

    /** @throws RefusedException if it is longer, or takes longer; the rest is not read then */
    static byte[] read(HttpServletRequest request, int limitBytes, Duration timeout)
            throws IOException, RefusedException {
        if (request.getContentLengthLong() > limitBytes) {
            throw tooLarge("has " + request.getContentLengthLong(), limitBytes);
        }
        try (InputStream in = request.getInputStream()) {
            long start = System.nanoTime();
            ByteArrayOutputStream body = new ByteArrayOutputStream();
            byte[] piece = new byte[8 << 10];
            for (int length = in.read(piece); length >= 0; length = in.read(piece)) {
                body.write(piece, 0, length);
                if (body.size() > limitBytes) {
                    throw tooLarge("goes on after " + limitBytes, limitBytes);
                } else if (System.nanoTime() - start > timeout.toNanos()) {
                    throw new RefusedException(
                            ProblemKind.REQUEST_TIMEOUT,
                            "found " + body.size() + " bytes of the body after " + timeout.toSeconds()
                                    + " s, expected all of it by then");
                }
            }
            return body.toByteArray();
        } catch (IOException e) {
            throw broken(e);
        }
    }

    /** @throws RefusedException if the request does not say that its body is JSON, as we read it */
    static void requireJson(HttpServletRequest request) throws RefusedException {
        requireType(request, Answer.JSON);
    }

    /** @throws RefusedException if the request does not say that its body is of a type, as it is */
    static void requireType(HttpServletRequest request, String wanted) throws RefusedException {
        String type = request.getContentType();
        String bare = type == null ? "" : type.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!bare.equals(wanted)) {
            throw new RefusedException(
                    ProblemKind.UNSUPPORTED_MEDIA_TYPE,
                    "found the body of type " + (type == null ? "(none)" : "'" + JsonBody.shown(type) + "'")
                            + ", expected " + wanted,
                    Map.of("Accept", wanted));
        }
        String encoding = request.getHeader("Content-Encoding");
        if (encoding != null && !encoding.equalsIgnoreCase("identity")) {
            throw new RefusedException(
                    ProblemKind.UNSUPPORTED_MEDIA_TYPE,
                    "found the body encoded as '" + JsonBody.shown(encoding) + "', expected it as it is",
                    Map.of("Accept-Encoding", "identity"));
        }
    }

    /** Of what Jetty says: the client has stopped, or what it sends is not framed as HTTP demands. */
    private static RefusedException broken(IOException error) {
        return error.getCause() instanceof TimeoutException
                ? new RefusedException(
                        ProblemKind.REQUEST_TIMEOUT, "the body broke off, expected all of it without such a pause")
                : new RefusedException(ProblemKind.BAD_REQUEST, "cannot read the body: " + Reason.of(error));
    }

    /** The rest of the body is not read, so nothing else can come through the connection. */
    private static RefusedException tooLarge(String found, int limitBytes) {
        return new RefusedException(
                ProblemKind.BODY_TOO_LARGE,
                "the body " + found + " bytes, expected at most " + limitBytes,
                Map.of("Connection", "close"));
    }
}
