package io.qedstore.cli;

import java.math.BigDecimal;
import java.math.MathContext;
import java.math.RoundingMode;

/** Sizes as qemu-img prints them: three significant digits, the next unit from 1000 on. */
final class HumanSize {
    private static final String[] UNITS = {"B", "KiB", "MiB", "GiB", "TiB", "PiB", "EiB"};
    private static final MathContext THREE_DIGITS = new MathContext(3, RoundingMode.HALF_EVEN);

    private HumanSize() {}

    static String of(long bytes) {
        int unit = 0;
        while (unit < UNITS.length - 1 && bytes >= 1000.0 * Math.scalb(1.0, 10 * unit)) {
            unit++;
        }
        BigDecimal value =
                new BigDecimal(bytes).divide(new BigDecimal(1L << (10 * unit))).round(THREE_DIGITS);
        return value.stripTrailingZeros().toPlainString() + " " + UNITS[unit];
    }
}
