package io.qedstore.cli.api;

/**
 * What has changed alone.
 *
 * @param point since when
 * @param backing by which the overlay finds an export of that point
 */
public record ExportSince(String point, String backing) {}
