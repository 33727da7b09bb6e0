package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.index.CatalogVerdict;
import java.io.IOException;
import java.time.Duration;
import java.util.EnumMap;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

class CatalogCommandsTest {
    private static final Duration PATIENCE = Duration.ofSeconds(20);

    @Test
    void eachVerdictIsTheKindOfRefusalThatItIs() {
        Map<CatalogVerdict, ServiceError> expected = new EnumMap<>(CatalogVerdict.class);
        for (CatalogVerdict verdict : CatalogVerdict.values()) {
            String name = verdict.name();
            ServiceError error = ServiceError.CONFLICT;
            if (name.startsWith("NO_SUCH_") && verdict != CatalogVerdict.NO_SUCH_ROLE) {
                error = ServiceError.NOT_FOUND;
            }
            expected.put(verdict, error);
        }
        expected.put(CatalogVerdict.PURGED, ServiceError.GONE);
        expected.put(CatalogVerdict.NOT_LARGER, ServiceError.INVALID);
        expected.put(CatalogVerdict.SIZE_IMPOSSIBLE, ServiceError.INVALID);
        expected.put(CatalogVerdict.NO_SUCH_ROLE, ServiceError.INVALID);
        expected.put(CatalogVerdict.JUNK, ServiceError.INVALID);
        expected.forEach((verdict, error) ->
                assertThat(CatalogCommands.error(verdict)).as("%s", verdict).isEqualTo(error));
    }

    @Test
    void anAnswerIsHandedOn() throws Exception {
        assertThat(CatalogCommands.await(CompletableFuture.completedFuture(7), "it", PATIENCE))
                .isEqualTo(7);
    }

    @Test
    void whoeverWaitsInVainIsToldThatItMayStillHappen() {
        assertThatThrownBy(() -> CatalogCommands.await(new CompletableFuture<>(), "the log", Duration.ZERO))
                .isInstanceOfSatisfying(ServiceException.class, refused -> assertThat(refused.error())
                        .isEqualTo(ServiceError.UNAVAILABLE))
                .hasMessageContaining("the log has not answered")
                .hasMessageContaining("look before you ask again");
    }

    @Test
    void aFailureComesAsItIsAndAMistakeAsAFailure() {
        IOException known = new IOException("the disk");
        assertThatThrownBy(() -> CatalogCommands.await(CompletableFuture.failedFuture(known), "it", PATIENCE))
                .isSameAs(known);
        IllegalStateException mistake = new IllegalStateException("a bug");
        assertThatThrownBy(() -> CatalogCommands.await(CompletableFuture.failedFuture(mistake), "it", PATIENCE))
                .isInstanceOf(IOException.class)
                .hasCause(mistake);
    }
}
