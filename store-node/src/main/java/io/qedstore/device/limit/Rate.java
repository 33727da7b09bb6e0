package io.qedstore.device.limit;

/**
 * How much may be done of something: in any time of {@code t} seconds at most {@code perSecond * t + burst}.
 *
 * @param burst what may be done at once after a time without
 */
public record Rate(long perSecond, long burst) {
    public Rate {
        if (perSecond < 1 || burst < 1) {
            throw new IllegalArgumentException(
                    perSecond + " in a second and " + burst + " at once, expected 1 or more of both");
        }
    }
}
