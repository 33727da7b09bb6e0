package io.qedstore.api;

import java.util.List;
import java.util.Optional;

/**
 * How the verification of an image stands.
 *
 * @param log as the node that was asked reads it; empty if it was not asked to, or was started since
 * @param copies of the node that was asked, and of all others that the image is placed on
 */
public record Verification(Optional<LogVerification> log, List<CopyVerification> copies) {
    public Verification {
        copies = List.copyOf(copies);
    }
}
