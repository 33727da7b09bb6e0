package io.qedstore.api;

/**
 * What a guest or an operator asked for.
 *
 * @param kind such as {@code write}
 * @param guestOffset in bytes; 0 where it means nothing
 * @param lengthBytes of the guest's range; of a resize and a creation the image's new size
 */
public record OperationInfo(String kind, long guestOffset, long lengthBytes) {}
