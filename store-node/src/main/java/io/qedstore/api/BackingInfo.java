package io.qedstore.api;

/**
 * What a clone lies over.
 *
 * @param image its name now
 * @param id of that image
 * @param sequence the event behind which the clone sees it
 * @param file the name that the clone's file has for it
 */
public record BackingInfo(String image, String id, long sequence, String file) {}
