package io.qedstore.api.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.api.NotHereException;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.Test;

class ErrorMappingTest {
    private static final Map<ServiceError, Integer> STATUS = Map.of(
            ServiceError.INVALID, 400,
            ServiceError.NOT_FOUND, 404,
            ServiceError.GONE, 410,
            ServiceError.CONFLICT, 409,
            ServiceError.FORBIDDEN, 403,
            ServiceError.NO_ROOM, 507,
            ServiceError.UNAVAILABLE, 503);

    @Test
    void everyErrorOfTheServiceHasItsStatus() {
        for (ServiceError error : ServiceError.values()) {
            Refusal refusal =
                    ErrorMapping.refusal(new ServiceException(error, "why")).orElseThrow();
            assertThat(refusal.kind().status()).as(error.name()).isEqualTo(STATUS.get(error));
            assertThat(refusal.detail()).isEqualTo("why");
            assertThat(refusal.headers().containsKey("Retry-After")).isEqualTo(error == ServiceError.UNAVAILABLE);
        }
    }

    @Test
    void otherExceptionsAreTheCallersFaultOnlyWhereThatIsCertain() {
        assertThat(ErrorMapping.refusal(new IllegalArgumentException("bad"))
                        .orElseThrow()
                        .kind())
                .isEqualTo(ProblemKind.INVALID);
        assertThat(ErrorMapping.refusal(new InterruptedException())
                        .orElseThrow()
                        .kind())
                .isEqualTo(ProblemKind.NOT_READY);
        assertThat(ErrorMapping.refusal(new NotHereException("n2", "there"))
                        .orElseThrow()
                        .kind())
                .isEqualTo(ProblemKind.UNAVAILABLE);
        assertThat(ErrorMapping.refusal(new IOException("disk"))).isEmpty();
        assertThat(ErrorMapping.refusal(new IOException("log", new TimeoutException())))
                .isEmpty();
        assertThat(ErrorMapping.refusal(new IllegalStateException("bug"))).isEmpty();
    }

    @Test
    void whatJettyRefusesKeepsItsClass() {
        for (int status = 400; status < 600; status++) {
            assertThat(ErrorMapping.kind(status).status() / 100).isEqualTo(status / 100);
        }
    }

    @Test
    void typesAreUrnsAndNoTwoAreTheSame() {
        assertThat(Arrays.stream(ProblemKind.values()).map(ProblemKind::type))
                .doesNotHaveDuplicates()
                .allMatch(type -> type.matches("urn:qedstore:problem:[a-z-]+"));
    }
}
