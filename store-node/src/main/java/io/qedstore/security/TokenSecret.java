package io.qedstore.security;

import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A token as its bearer shows it: {@code qst_ID_SECRET}. The secret has 256 random bits, so its plain hash tells nothing of it.
 *
 * @param secret in the base64 alphabet for URLs
 */
public record TokenSecret(String id, String secret) {
    private static final Pattern TOKEN = Pattern.compile("qst_([a-z0-9]{10})_([A-Za-z0-9_-]{43})");
    private static final String LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789";
    private static final int ID_LENGTH = 10;
    private static final int SECRET_BYTES = 32;

    public static TokenSecret random(SecureRandom random) {
        StringBuilder id = new StringBuilder();
        for (int i = 0; i < ID_LENGTH; i++) {
            id.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        byte[] secret = new byte[SECRET_BYTES];
        random.nextBytes(secret);
        return new TokenSecret(
                id.toString(), Base64.getUrlEncoder().withoutPadding().encodeToString(secret));
    }

    /** Empty if that is no token. */
    public static Optional<TokenSecret> parse(String text) {
        Matcher matcher = TOKEN.matcher(text);
        return matcher.matches() ? Optional.of(new TokenSecret(matcher.group(1), matcher.group(2))) : Optional.empty();
    }

    /** What is kept of it. */
    public String sha256() {
        return HexFormat.of().formatHex(hash());
    }

    /** Takes as long whatever differs. */
    boolean matches(String sha256) {
        return MessageDigest.isEqual(hash(), HexFormat.of().parseHex(sha256));
    }

    private byte[] hash() {
        try {
            return MessageDigest.getInstance("SHA-256").digest(secret.getBytes(StandardCharsets.US_ASCII));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }

    /** The token itself. */
    public String text() {
        return "qst_" + id + "_" + secret;
    }

    @Override
    public String toString() {
        return "token " + id; // the secret is in no log
    }
}
