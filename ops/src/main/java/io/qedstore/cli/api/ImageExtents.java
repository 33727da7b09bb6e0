package io.qedstore.cli.api;

import io.qedstore.api.ImageExport.Extent;
import java.util.List;
import java.util.regex.Pattern;

/**
 * What a node has to say of a file that it hands out.
 *
 * @param tag nobody else's, an entity tag without its quotes
 * @param sequence of the event up to which the file holds the image
 * @param sha256 of the whole file, in lower case hexadecimal digits
 * @param extents where it holds anything but zeros, in order
 */
public record ImageExtents(String tag, long sequence, long lengthBytes, String sha256, List<Extent> extents) {
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");
    private static final Pattern TAG = Pattern.compile("[!#-~]{1,200}");

    public ImageExtents {
        extents = List.copyOf(extents);
        require(TAG.matcher(tag).matches(), "a tag is 1 to 200 visible characters, found '" + tag + "'");
        require(lengthBytes >= 0, "a file has 0 bytes or more, found " + lengthBytes);
        require(SHA256.matcher(sha256).matches(), "a SHA-256 digest has 64 digits 0-9a-f, found '" + sha256 + "'");
        long end = 0;
        for (Extent extent : extents) {
            boolean inOrder = extent.fileOffset() >= end
                    && extent.lengthBytes() > 0
                    && extent.lengthBytes() <= lengthBytes - extent.fileOffset();
            require(
                    inOrder,
                    "extents are in order within " + lengthBytes + " bytes, found " + extent + " after " + end);
            end = extent.fileOffset() + extent.lengthBytes();
        }
    }

    private static void require(boolean condition, String message) {
        if (!condition) {
            throw new IllegalArgumentException(message);
        }
    }
}
