package io.qedstore.api;

/**
 * Why the history of an image cannot begin later.
 *
 * @param kind {@code time}, {@code bytes}, {@code snapshot} or {@code clone}
 * @param what it is, for people
 * @param floor the latest event at which it lets history begin; 0 for its beginning
 */
public record RetentionBound(String kind, String what, long floor) {}
