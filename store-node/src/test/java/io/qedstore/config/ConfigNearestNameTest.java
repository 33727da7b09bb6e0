package io.qedstore.config;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ConfigNearestNameTest {
    @ParameterizedTest
    @CsvSource({"'','',0", "abc,ABC,0", "'',abc,3", "abc,ac,1", "ac,abc,1", "abc,axc,1", "abcd,acbd,1", "ab,cd,2"})
    void slipsAreCounted(String one, String other, int slips) {
        assertThat(NearestName.slips(one, other)).isEqualTo(slips);
    }

    @Test
    void theNearestIsFoundAndOfSeveralTheFirst() {
        assertThat(NearestName.of("abd", List.of("abf", "abc", "xyz"), 1)).contains("abc");
        assertThat(NearestName.of("abd", List.of("xyz"), 2)).isEmpty();
    }

    /** The table of a comparison would not fit into memory. */
    @Test
    void whatIsMuchLongerIsNotCompared() {
        String known = "the.name.of.a.setting.that.is.known.here";
        assertThat(NearestName.of("x".repeat(20_000_000), List.of(known), 2)).isEmpty();
    }
}
