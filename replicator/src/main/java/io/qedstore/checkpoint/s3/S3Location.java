package io.qedstore.checkpoint.s3;

import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where in a store that speaks S3.
 *
 * @param bucket which has to be there
 * @param prefix of all names, empty or with a slash at its end
 * @param endpoint empty for Amazon's own
 * @param region empty for the one that the environment names
 */
public record S3Location(String bucket, String prefix, Optional<URI> endpoint, Optional<String> region) {
    public static final String SCHEME = "s3://";

    private static final Pattern BUCKET = Pattern.compile("[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]");
    private static final Pattern PREFIX = Pattern.compile("|[A-Za-z0-9._=-][A-Za-z0-9._=/-]*/");

    public S3Location {
        if (!BUCKET.matcher(bucket).matches()) {
            throw new IllegalArgumentException(
                    "the bucket '" + bucket + "', expected 3 to 63 small letters, digits, dots and hyphens");
        }
        if (!PREFIX.matcher(prefix).matches() || prefix.contains("//")) {
            throw new IllegalArgumentException("the prefix '" + prefix
                    + "', expected letters, digits and . _ = - between slashes, none at its beginning");
        }
    }

    /**
     * Reads {@code s3://BUCKET} or {@code s3://BUCKET/PREFIX}.
     *
     * @throws IllegalArgumentException if it is neither
     */
    public static S3Location parse(String url, Optional<URI> endpoint, Optional<String> region) {
        if (!url.startsWith(SCHEME)) {
            throw new IllegalArgumentException("'" + url + "', expected " + SCHEME + "BUCKET/PREFIX");
        }
        String rest = url.substring(SCHEME.length());
        int slash = rest.indexOf('/');
        String prefix = slash < 0 ? "" : rest.substring(slash + 1);
        String bucket = slash < 0 ? rest : rest.substring(0, slash);
        return new S3Location(
                bucket, prefix.isEmpty() || prefix.endsWith("/") ? prefix : prefix + "/", endpoint, region);
    }

    /**
     * Reads where a server is.
     *
     * @throws IllegalArgumentException if it is no address over HTTP
     */
    public static URI endpoint(String text) {
        try {
            URI uri = new URI(text);
            boolean isHttp = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            if (isHttp && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new IllegalArgumentException("'" + text + "' is no endpoint, expected https://HOST or http://HOST:PORT");
    }

    @Override
    public String toString() {
        return SCHEME + bucket + "/" + prefix;
    }
}
