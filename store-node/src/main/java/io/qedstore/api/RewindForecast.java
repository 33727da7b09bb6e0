package io.qedstore.api;

/**
 * What a rewind of an image to a point would write.
 *
 * @param sequence of that point
 * @param fromSequence where the image is
 * @param dataBytes that would come back, in blocks of 4 KiB
 * @param zeroBytes that would become zeros
 */
public record RewindForecast(String image, long sequence, long fromSequence, long dataBytes, long zeroBytes) {}
