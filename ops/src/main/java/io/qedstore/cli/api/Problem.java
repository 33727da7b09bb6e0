package io.qedstore.cli.api;

import java.io.IOException;
import java.util.Optional;

/**
 * What a node says of a request that it does not do: problem details (RFC 9457).
 *
 * @param title what kind of problem, in some words
 * @param detail what is wrong here, in a sentence
 */
record Problem(Optional<String> title, Optional<String> detail) {

    /** The sentence in the body of an answer; empty if there is none. */
    static Optional<String> sentence(byte[] body) {
        try {
            Problem problem = ApiJson.mapper().readValue(body, Problem.class);
            return problem.detail().or(problem::title).filter(text -> !text.isBlank());
        } catch (IOException | IllegalArgumentException e) {
            return Optional.empty(); // whatever it is, it is no problem details
        }
    }
}
