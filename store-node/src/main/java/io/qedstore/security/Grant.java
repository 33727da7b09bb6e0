package io.qedstore.security;

import java.time.Instant;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What somebody was given: a role, and the images that it is for.
 *
 * @param id 10 lower-case letters and digits; part of the token
 * @param name for people: whose it is
 * @param prefix the images' names begin so; empty for all images, and whatever is no image's
 * @param sha256 of the token's secret, in hexadecimal; empty for a certificate
 * @param certificate the subject of a client certificate, as RFC 2253 writes it; empty for a token
 */
public record Grant(
        String id,
        String name,
        Role role,
        Optional<String> prefix,
        Instant created,
        Optional<String> sha256,
        Optional<String> certificate) {
    private static final Pattern ID = Pattern.compile("[a-z0-9]{10}");
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._@-]{0,63}");
    private static final Pattern PREFIX = Pattern.compile("[^\\p{Cntrl}]{1,128}");
    private static final Pattern SHA256 = Pattern.compile("[0-9a-f]{64}");

    public Grant {
        require(ID.matcher(id).matches(), "the id", id, "10 lower-case letters and digits");
        requireName(name);
        prefix.ifPresent(Grant::requirePrefix);
        sha256.ifPresent(hash ->
                require(SHA256.matcher(hash).matches(), "the hash", hash, "64 hexadecimal digits in lower case"));
        if (sha256.isPresent() == certificate.isPresent()) {
            throw new IllegalArgumentException("grant " + id + " is for "
                    + (sha256.isPresent() ? "a token and a certificate" : "neither a token nor a certificate")
                    + ", expected one of them");
        }
    }

    public static void requireName(String name) {
        require(
                NAME.matcher(name).matches(),
                "the name",
                name,
                "1 to 64 letters, digits and characters . _ @ -, the first a letter or a digit");
    }

    public static void requirePrefix(String prefix) {
        require(
                PREFIX.matcher(prefix).matches(),
                "the prefix",
                prefix,
                "1 to 128 characters, as names of images begin");
    }

    private static void require(boolean is, String what, String found, String expected) {
        if (!is) {
            throw new IllegalArgumentException(what + " is '" + found + "', expected " + expected);
        }
    }

    /** Whether it is for an image of that name. */
    public boolean covers(String image) {
        return prefix.isEmpty() || image.startsWith(prefix.get());
    }
}
