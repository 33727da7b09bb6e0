package io.qedstore.checkpoint.s3;

import io.qedstore.checkpoint.ObjectStore;
import java.io.IOException;
import java.net.URI;
import java.time.Duration;
import java.util.Collection;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import software.amazon.awssdk.core.ResponseInputStream;
import software.amazon.awssdk.core.checksums.RequestChecksumCalculation;
import software.amazon.awssdk.core.checksums.ResponseChecksumValidation;
import software.amazon.awssdk.core.exception.SdkException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.http.urlconnection.UrlConnectionHttpClient;
import software.amazon.awssdk.regions.Region;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.S3ClientBuilder;
import software.amazon.awssdk.services.s3.model.GetObjectResponse;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.NoSuchKeyException;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Objects in a bucket. Who is asking is said by the environment, as Amazon's programs have it ({@code AWS_ACCESS_KEY_ID}, {@code
 * AWS_PROFILE} and so on). The SDK tries again what a network has lost.
 */
public final class S3Objects implements ObjectStore, AutoCloseable {
    /** Other servers want any, and do not look at it. */
    private static final Region ANY_REGION = Region.US_EAST_1;

    private static final Duration CALL_TIMEOUT = Duration.ofMinutes(2);

    private final S3Location location;
    private final S3Client client;

    private S3Objects(S3Location location, S3Client client) {
        this.location = location;
        this.client = client;
    }

    /**
     * Asks nobody yet.
     *
     * @throws IOException if it is not known which region to ask
     */
    public static S3Objects at(S3Location location) throws IOException {
        S3ClientBuilder builder = S3Client.builder()
                .httpClientBuilder(UrlConnectionHttpClient.builder())
                .overrideConfiguration(override -> override.apiCallTimeout(CALL_TIMEOUT))
                // not every server knows the newer checksums; chunks and manifests have digests of their own
                .requestChecksumCalculation(RequestChecksumCalculation.WHEN_REQUIRED)
                .responseChecksumValidation(ResponseChecksumValidation.WHEN_REQUIRED);
        location.region().map(Region::of).ifPresent(builder::region);
        Optional<URI> endpoint = location.endpoint();
        if (endpoint.isPresent()) {
            builder.endpointOverride(endpoint.get()).forcePathStyle(true);
            if (location.region().isEmpty()) {
                builder.region(ANY_REGION);
            }
        }
        try {
            return new S3Objects(location, builder.build());
        } catch (SdkException e) {
            throw new IOException(
                    "cannot use " + location + ": " + e.getMessage() + "; set AWS_REGION, or an endpoint", e);
        }
    }

    @Override
    public String place() {
        return location.toString();
    }

    @Override
    public void put(String key, byte[] bytes) throws IOException {
        try {
            client.putObject(
                    put -> put.bucket(location.bucket()).key(location.prefix() + key), RequestBody.fromBytes(bytes));
        } catch (SdkException e) {
            throw failed("put " + key + " into", e);
        }
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws IOException {
        try (ResponseInputStream<GetObjectResponse> in =
                client.getObject(get -> get.bucket(location.bucket()).key(location.prefix() + key))) {
            byte[] bytes = in.readNBytes(maxBytes + 1);
            if (bytes.length > maxBytes) {
                in.abort();
                throw new IOException("the object " + key + " in " + location + " has more than " + maxBytes
                        + " bytes, expected less");
            }
            return Optional.of(bytes);
        } catch (NoSuchKeyException e) {
            return Optional.empty();
        } catch (SdkException e) {
            throw failed("get " + key + " from", e);
        }
    }

    @Override
    public Map<String, Long> list(String prefix) throws IOException {
        Map<String, Long> found = new TreeMap<>();
        try {
            for (ListObjectsV2Response page : client.listObjectsV2Paginator(
                    list -> list.bucket(location.bucket()).prefix(location.prefix() + prefix))) {
                for (S3Object each : page.contents()) {
                    found.put(each.key().substring(location.prefix().length()), each.size());
                }
            }
            return found;
        } catch (SdkException e) {
            throw failed("list", e);
        }
    }

    /** One by one: not every server takes several at once. */
    @Override
    public void delete(Collection<String> keys) throws IOException {
        Iterator<String> left = List.copyOf(keys).iterator();
        try {
            while (left.hasNext()) {
                String key = left.next();
                client.deleteObject(delete -> delete.bucket(location.bucket()).key(location.prefix() + key));
            }
        } catch (SdkException e) {
            throw failed("delete from", e);
        }
    }

    private IOException failed(String what, SdkException e) {
        return new IOException(
                "cannot " + what + " " + location
                        + location.endpoint().map(at -> " at " + at).orElse("") + ": " + e.getMessage()
                        + "; look at the endpoint, the bucket and the AWS_ variables",
                e);
    }

    @Override
    public void close() {
        client.close();
    }
}
