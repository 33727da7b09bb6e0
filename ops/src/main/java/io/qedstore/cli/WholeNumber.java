package io.qedstore.cli;

import java.math.BigInteger;

/** Sizes and counts in the arguments of commands that ask a node; what is none is wrong usage. */
final class WholeNumber {
    private WholeNumber() {}

    static long parse(String what, String text) throws CommandFailure {
        return SizeArgument.parse(text)
                .filter(size -> size.bitLength() < Long.SIZE)
                .map(BigInteger::longValueExact)
                .orElseThrow(() -> new CommandFailure(
                        Main.WRONG_USAGE,
                        what + " expects a whole number up to " + Long.MAX_VALUE + ", found '" + text
                                + "'; k, M, G and T multiply, as in 20G"));
    }

    static int parseInt(String what, String text) throws CommandFailure {
        long size = parse(what, text);
        if (size > Integer.MAX_VALUE) {
            throw new CommandFailure(
                    Main.WRONG_USAGE, what + " expects a number up to " + Integer.MAX_VALUE + ", found '" + text + "'");
        }
        return (int) size;
    }
}
