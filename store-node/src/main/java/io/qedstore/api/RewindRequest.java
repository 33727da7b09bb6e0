package io.qedstore.api;

/** @param point as people write it, such as {@code snapshot:before-upgrade} */
public record RewindRequest(String point) {}
