package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.BlockDeviceException;
import io.qedstore.device.DeviceError;
import io.qedstore.nbd.wire.NbdErrno;
import java.io.IOException;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.Test;

class DeviceErrnoTest {
    private static final Map<DeviceError, Integer> NUMBERS = Map.of(
            DeviceError.IO, 5,
            DeviceError.NO_SPACE, 28,
            DeviceError.NO_MEMORY, 12,
            DeviceError.NOT_SUPPORTED, 95,
            DeviceError.READ_ONLY, 1,
            DeviceError.SHUTTING_DOWN, 108);

    @Test
    void eachKindOfFailureHasTheNumberThatTheProtocolGivesIt() {
        assertThat(NUMBERS).containsOnlyKeys(DeviceError.values());
        for (DeviceError error : DeviceError.values()) {
            assertThat(DeviceErrno.of(error).code()).isEqualTo(NUMBERS.get(error));
            assertThat(DeviceErrno.of(new BlockDeviceException(error, "x"))).isEqualTo(DeviceErrno.of(error));
        }
    }

    @Test
    void whatIsNotKnownIsAnInputOutputError() {
        assertThat(DeviceErrno.of(new IOException("x"))).isEqualTo(NbdErrno.EIO);
        assertThat(DeviceErrno.of(new IllegalStateException("x"))).isEqualTo(NbdErrno.EIO);
        assertThat(DeviceErrno.of(new OutOfMemoryError())).isEqualTo(NbdErrno.ENOMEM);
    }

    @Test
    void nothingGoesOverTheWireButWhatTheProtocolKnows() {
        assertThat(Arrays.stream(NbdErrno.values()).map(NbdErrno::code)).containsExactly(1, 5, 12, 22, 28, 75, 95, 108);
    }
}
