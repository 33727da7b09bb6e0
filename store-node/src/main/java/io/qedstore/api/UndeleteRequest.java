package io.qedstore.api;

import java.util.Optional;

/** @param name that the image is to have; empty for the one that it had */
public record UndeleteRequest(Optional<String> name) {}
