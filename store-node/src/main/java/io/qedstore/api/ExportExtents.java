package io.qedstore.api;

import java.util.List;

/**
 * Where the file of an export holds anything but zeros, in order; what lies between are zeros.
 *
 * @param tag the entity tag of the download that these are the extents of, without its quotes
 * @param sha256 of the whole file, in hexadecimal digits
 */
public record ExportExtents(
        String tag, long sequence, long lengthBytes, String sha256, List<ImageExport.Extent> extents) {
    public ExportExtents {
        extents = List.copyOf(extents);
    }
}
