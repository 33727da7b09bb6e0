package io.qedstore.api;

/**
 * An image whose guests' writes wait.
 *
 * @param token names the hold
 * @param endsAfterMillis it ends by itself then
 */
public record HoldInfo(String token, long endsAfterMillis) {}
