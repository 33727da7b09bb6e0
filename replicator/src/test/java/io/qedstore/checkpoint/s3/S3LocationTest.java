package io.qedstore.checkpoint.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class S3LocationTest {
    private static S3Location parse(String url) {
        return S3Location.parse(url, Optional.empty(), Optional.empty());
    }

    @Test
    void aPrefixEndsWithASlashWhetherItWasSaidOrNot() {
        assertThat(parse("s3://disks").prefix()).isEmpty();
        assertThat(parse("s3://disks/").prefix()).isEmpty();
        assertThat(parse("s3://disks/a/b")).isEqualTo(parse("s3://disks/a/b/"));
        assertThat(parse("s3://disks/a/b").prefix()).isEqualTo("a/b/");
        assertThat(parse("s3://disks/a/b")).hasToString("s3://disks/a/b/");
    }

    // Deliberate bug: a pattern that goes one call deeper with each part.
    @Test
    void aPrefixMayHaveAnyNumberOfParts() {
        String prefix = "part/".repeat(20_000);
        assertThat(parse("s3://disks/" + prefix).prefix()).isEqualTo(prefix);
        assertThatThrownBy(() -> parse("s3://disks/" + prefix + "/")).hasMessageContaining("expected");
    }

    @ParameterizedTest
    @ValueSource(strings = {"disks", "s3:/disks", "s3://", "s3://Disks", "s3://d", "s3://disks//a", "s3://disks/a b"})
    void whatIsNoPlaceIsRefused(String url) {
        assertThatThrownBy(() -> parse(url))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("expected");
    }

    @Test
    void anEndpointIsAnAddressOverHttp() {
        assertThat(S3Location.endpoint("http://127.0.0.1:9000").getPort()).isEqualTo(9000);
        assertThatThrownBy(() -> S3Location.endpoint("127.0.0.1:9000")).hasMessageContaining("expected https://HOST");
        assertThatThrownBy(() -> S3Location.endpoint("ftp://a")).hasMessageContaining("expected https://HOST");
    }
}
