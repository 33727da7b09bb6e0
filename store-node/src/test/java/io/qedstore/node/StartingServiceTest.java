package io.qedstore.node;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.qedstore.api.NodeService;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.log.LogException;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class StartingServiceTest {
    private final StartingService starting = new StartingService();

    private static NodeService failing(Throwable failure) {
        return (NodeService) Proxy.newProxyInstance(
                NodeService.class.getClassLoader(), new Class<?>[] {NodeService.class}, (proxy, method, arguments) -> {
                    throw failure;
                });
    }

    private static ServiceError errorOf(Throwable failure) {
        return ((ServiceException) failure).error();
    }

    @Test
    void beforeAndBehindTheNodeItSaysWhy() {
        starting.waitsFor("Kafka does not answer");
        assertThat(starting.service().notReady()).contains("Kafka does not answer");
        starting.ready(failing(new IOException("of the node")));
        assertThatThrownBy(() -> starting.service().nodes()).hasMessage("of the node");
        starting.stops();
        assertThatThrownBy(() -> starting.service().nodes())
                .hasMessageContaining("stopped")
                .satisfies(failure -> assertThat(errorOf(failure)).isEqualTo(ServiceError.UNAVAILABLE));
    }

    static Stream<IOException> passing() {
        return Stream.of(
                new LogException.Unavailable("the brokers do not answer"),
                new BlockDeviceException(DeviceError.SHUTTING_DOWN, "the image is being released"));
    }

    /** Deliberate bug: an outage of somebody else's is called the node's own failure. */
    @ParameterizedTest
    @MethodSource("passing")
    void whatPassesIsToBeTriedAgain(IOException failure) {
        starting.ready(failing(failure));
        assertThatThrownBy(() -> starting.service().nodes())
                .hasMessage(failure.getMessage())
                .satisfies(told -> assertThat(errorOf(told)).isEqualTo(ServiceError.UNAVAILABLE));
    }

    @Test
    void whatNobodyForesawStaysWhatItIs() {
        IOException failure = new BlockDeviceException(DeviceError.IO, "the disk is broken");
        starting.ready(failing(failure));
        assertThatThrownBy(() -> starting.service().nodes()).isSameAs(failure);
    }
}
