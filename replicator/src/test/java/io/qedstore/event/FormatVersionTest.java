package io.qedstore.event;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.qed.change.QedChange;
import java.util.Arrays;
import org.junit.jupiter.api.Test;

/** What may be written to images' logs without any node having been asked whether it understands it. */
class FormatVersionTest {
    /**
     * A new kind goes into no list here: it is written only of images that a record of the catalog has switched it on for, and that
     * record takes the version that knows it ({@link FormatVersion#of}).
     */
    @Test
    void nodesOfTheFirstVersionKnowAllKindsOfChangesThatNoRecordOfTheCatalogSwitchesOn() {
        assertThat(Arrays.stream(QedChange.class.getPermittedSubclasses()).map(Class::getSimpleName))
                .containsExactlyInAnyOrder(
                        "FileLengthSet",
                        "HeaderWritten",
                        "L1EntrySet",
                        "L2EntriesSet",
                        "L2TableWritten",
                        "DataWritten",
                        "RangeZeroed");
    }
}
