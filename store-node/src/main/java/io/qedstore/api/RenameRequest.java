package io.qedstore.api;

/** @param name that the image is to have */
public record RenameRequest(String name) {}
