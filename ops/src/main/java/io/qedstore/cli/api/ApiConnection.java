package io.qedstore.cli.api;

import com.fasterxml.jackson.core.JsonProcessingException;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Sends requests to one node and makes values of its answers. Any thread may use it. */
final class ApiConnection {
    private static final int MAX_JSON_BYTES = 1 << 28;
    private static final int MAX_PROBLEM_BYTES = 1 << 16;

    private final HttpClient http;
    private final URI base;
    private final Optional<String> token;

    /** @param base without a slash at its end */
    ApiConnection(HttpClient http, URI base, Optional<String> token) {
        this.http = http;
        this.base = base;
        this.token = token;
    }

    /** A request that is still to be given a method. */
    HttpRequest.Builder request(String pathAndQuery) {
        HttpRequest.Builder request =
                HttpRequest.newBuilder(URI.create(base + pathAndQuery)).header("Accept", "application/json");
        token.ifPresent(text -> request.header("Authorization", "Bearer " + text));
        return request;
    }

    HttpRequest.Builder withJson(String method, String pathAndQuery, Object value) {
        byte[] json;
        try {
            json = ApiJson.mapper().writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new IllegalStateException("a value that was built here cannot be written", e);
        }
        return request(pathAndQuery)
                .header("Content-Type", "application/json")
                .method(method, HttpRequest.BodyPublishers.ofByteArray(json));
    }

    /** The value in a node's answer. */
    <T> T value(HttpRequest.Builder asked, Duration timeout, Class<T> type) throws ApiException {
        HttpRequest request = asked.build();
        HttpResponse<CappedBody.Bytes> response = send(request, timeout, MAX_JSON_BYTES);
        if (!response.body().whole()) {
            throw notUnderstood(request, "its answer goes on after " + MAX_JSON_BYTES + " bytes");
        }
        T value;
        try {
            value = ApiJson.mapper().readValue(response.body().bytes(), type);
        } catch (IOException e) {
            throw notUnderstood(request, JsonFault.of(e));
        }
        if (value == null) {
            throw notUnderstood(request, "its answer is null");
        }
        return value;
    }

    /** Waits until it is done; what the node says of it does not matter. */
    void done(HttpRequest.Builder asked, Duration timeout) throws ApiException {
        send(asked.build(), timeout, MAX_PROBLEM_BYTES);
    }

    /**
     * A node's answer, if it is a success.
     *
     * @param maxBytes how much of a success' body is taken; the rest is not read
     */
    HttpResponse<CappedBody.Bytes> send(HttpRequest request, Duration timeout, int maxBytes) throws ApiException {
        HttpResponse<CappedBody.Bytes> response = await(
                request,
                http.sendAsync(
                        request, info -> new CappedBody(isSuccess(info.statusCode()) ? maxBytes : MAX_PROBLEM_BYTES)),
                timeout);
        if (!isSuccess(response.statusCode())) {
            throw refused(request, response);
        }
        return response;
    }

    private static boolean isSuccess(int status) {
        return status >= 200 && status < 300;
    }

    private HttpResponse<CappedBody.Bytes> await(
            HttpRequest request, CompletableFuture<HttpResponse<CappedBody.Bytes>> answer, Duration timeout)
            throws ApiException {
        try {
            return answer.get(timeout.toMillis(), TimeUnit.MILLISECONDS);
        } catch (ExecutionException e) {
            throw noAnswer(e.getCause() == null ? e : e.getCause());
        } catch (TimeoutException e) {
            answer.cancel(true);
            String doubt = request.method().equals("GET")
                    ? "; is it overloaded, or has it lost its log?"
                    : "; what was asked for may still happen: look before you ask again";
            throw new NoAnswerException(
                    "the node at " + base + " did not answer " + said(request) + " within " + timeout.toSeconds() + " s"
                            + doubt,
                    e);
        } catch (InterruptedException e) {
            answer.cancel(true);
            Thread.currentThread().interrupt();
            throw new ApiException("interrupted while the node at " + base + " was to answer " + said(request), e);
        }
    }

    private NoAnswerException noAnswer(Throwable cause) {
        String what = "no answer from a node at " + base + ": " + NetworkReason.of(cause);
        boolean tls = base.getScheme().equalsIgnoreCase("https") && NetworkReason.mayBeTls(cause);
        String remedy = tls
                ? "name the authority that signed the node's certificate with --api-ca=FILE, or ask with http:// if it"
                        + " has none"
                : "start a node there, or name another node's API with --api=URL or QEDSTORE_API";
        return new NoAnswerException(what + "; " + remedy, cause);
    }

    private RefusedException refused(HttpRequest request, HttpResponse<CappedBody.Bytes> response) {
        int status = response.statusCode();
        return new RefusedException(
                status,
                Problem.sentence(response.body().bytes())
                        .orElseGet(() -> "what answers at " + base + " said status " + status + " to " + said(request)
                                + " and no reason; expected a node's API there: is the URL right?"));
    }

    ApiException notUnderstood(HttpRequest request, String why) {
        return new ApiException("what answers at " + base + " was not understood, asked for " + said(request) + ": "
                + why + "; expected a node's API there: is the URL right, and the node of this version?");
    }

    private String said(HttpRequest request) {
        return request.method().toUpperCase(Locale.ROOT) + " "
                + request.uri().toString().substring(base.toString().length());
    }
}
