package io.qedstore.cli;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Sizes as people write them: {@code 1048576}, {@code 64k}, {@code 1.5M}, {@code 2T}; suffixes are powers of 1024. */
final class SizeArgument {
    private static final Pattern SYNTAX =
            Pattern.compile("(0[xX][0-9a-fA-F]+)|(\\d+)(?:(\\.\\d+)(?=[kKmMgGtTpPeE]))?([bBkKmMgGtTpPeE]?)");
    private static final String SUFFIXES = "bkmgtpe";
    private static final BigInteger TWO_TO_64 = BigInteger.TWO.pow(Long.SIZE);

    private SizeArgument() {}

    /** The number of bytes, fractions cut off; empty if the text is no size. */
    static Optional<BigInteger> parse(String text) {
        Matcher matcher = SYNTAX.matcher(text);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        if (matcher.group(1) != null) {
            return Optional.of(new BigInteger(matcher.group(1).substring(2), 16));
        }
        String fraction = matcher.group(3) == null ? "" : matcher.group(3);
        String suffix = matcher.group(4).toLowerCase(Locale.ROOT);
        int power = suffix.isEmpty() ? 0 : SUFFIXES.indexOf(suffix);
        return Optional.of(new BigDecimal(matcher.group(2) + fraction)
                .multiply(new BigDecimal(BigInteger.TWO.pow(10 * power)))
                .toBigInteger());
    }

    /** The size of a disk. */
    static long imageSize(String text) throws CommandFailure {
        BigInteger size = parse(text)
                .orElseThrow(() -> new CommandFailure("Invalid image size specified. You may use k, M, G, T, P or E"
                        + " suffixes for kilobytes, megabytes, gigabytes, terabytes, petabytes and exabytes. (found '"
                        + text + "')"));
        if (size.bitLength() >= Long.SIZE) {
            throw new CommandFailure("Invalid image size specified. Must be between 0 and " + Long.MAX_VALUE
                    + ". (found '" + text + "')");
        }
        return size.longValueExact();
    }

    /** A number option, below 2^64, as a value that may still be out of the option's own range. */
    static BigInteger option(String name, String text) throws CommandFailure {
        return parse(text)
                .filter(size -> size.compareTo(TWO_TO_64) < 0)
                .orElseThrow(() -> new CommandFailure("Parameter '" + name
                        + "' expects a non-negative number below 2^64 (found '" + text
                        + "'). Optional suffix k, M, G, T, P or E means kilo-, mega-, giga-, tera-, peta- and exabytes,"
                        + " respectively."));
    }
}
