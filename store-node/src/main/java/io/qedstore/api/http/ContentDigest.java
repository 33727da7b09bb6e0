package io.qedstore.api.http;

import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** What a request says of the bytes of its body, by RFC 9530: {@code Content-Digest: sha-256=:BASE64:}. */
final class ContentDigest {
    static final String HEADER = "Content-Digest";

    private static final Pattern SHA_256 = Pattern.compile("sha-256=:([A-Za-z0-9+/]{43}=):");

    private ContentDigest() {}

    /** @throws RefusedException if it says nothing, or something else than what has arrived */
    static void require(Call call, byte[] body) throws RefusedException {
        String header = call.header(HEADER).orElse("");
        Matcher said = SHA_256.matcher(header.strip());
        if (!said.matches()) {
            throw new RefusedException(
                    ProblemKind.INVALID,
                    "found " + HEADER + " '" + JsonBody.shown(header) + "', expected sha-256=:BASE64: of the body");
        }
        byte[] found = sha256(body);
        if (!MessageDigest.isEqual(found, Base64.getDecoder().decode(said.group(1)))) {
            throw new RefusedException(
                    ProblemKind.PRECONDITION_FAILED,
                    "the body has changed on its way: found the digest "
                            + Base64.getEncoder().encodeToString(found) + ", expected " + said.group(1)
                            + "; send it again");
        }
    }

    private static byte[] sha256(byte[] bytes) {
        try {
            return MessageDigest.getInstance("SHA-256").digest(bytes);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
