package io.qedstore.nbd;

import static org.assertj.core.api.Assertions.assertThat;

import io.qedstore.device.MemoryBlockDevice;
import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdErrno;
import io.qedstore.nbd.wire.ReplyForm;
import io.qedstore.nbd.wire.Request;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** What the table of whole requests does not show: payloads, and which of several faults is told. */
class RequestValidatorTest {
    private static final long SIZE = 1 << 20;
    private static final long MAX = 32 << 20;

    private static RequestValidator validator(ReplyForm form, boolean readOnly, MetaContext... contexts) {
        MemoryBlockDevice device = new MemoryBlockDevice(SIZE);
        if (readOnly) {
            device.readOnly();
        }
        Export export = new Export("", "", device, Export.Reach.CLEAR_OR_TLS);
        return new RequestValidator(new Session(export, SIZE, form, Set.of(contexts)));
    }

    private static NbdErrno error(RequestValidator validator, NbdCommand command, int flags, long offset, long length) {
        Refusal refusal = validator.check(new Request(flags, command.code(), 1, offset, length), command);
        return Objects.requireNonNull(refusal, "not refused").errno();
    }

    @ParameterizedTest
    @EnumSource(names = {"SIMPLE", "STRUCTURED"})
    void compactRequestsCarrySomethingOnlyIfTheyWrite(ReplyForm form) {
        for (int code = 0; code < 12; code++) {
            Request request = new Request(CommandFlags.PAYLOAD_LEN, code, 1, 0, 99);
            assertThat(validator(form, false).payloadBytes(request)).isEqualTo(code == 1 ? 99 : 0);
        }
    }

    @Test
    void extendedRequestsCarrySomethingIfTheySaySo() {
        for (int code = 0; code < 12; code++) {
            RequestValidator validator = validator(ReplyForm.EXTENDED, false);
            assertThat(validator.payloadBytes(new Request(CommandFlags.PAYLOAD_LEN, code, 1, 0, -1)))
                    .isEqualTo(-1);
            assertThat(validator.payloadBytes(new Request(0, code, 1, 0, 99))).isZero();
        }
    }

    @Test
    void lengthsOfPayloadsAreUnsigned() {
        for (ReplyForm form : ReplyForm.values()) {
            RequestValidator validator = validator(form, false);
            assertThat(validator.isEdible(0)).isTrue();
            assertThat(validator.isEdible(MAX)).isTrue();
            assertThat(validator.isEdible(-1)).isFalse();
            assertThat(validator.isEdible(Long.MIN_VALUE)).isFalse();
            assertThat(validator.isEdible(MAX + 1)).isEqualTo(form != ReplyForm.EXTENDED);
        }
    }

    @ParameterizedTest
    @CsvSource({
        "true, 4, EINVAL", // of a flag, a read-only export and a range, the flag
        "true, 0, EPERM",
        "false, 4, EINVAL",
        "false, 0, ENOSPC"
    })
    void ofSeveralFaultsTheFirstInOrderIsTold(boolean readOnly, int flags, NbdErrno expected) {
        RequestValidator validator = validator(ReplyForm.STRUCTURED, readOnly);
        assertThat(error(validator, NbdCommand.WRITE, flags, SIZE, 1)).isEqualTo(expected);
        assertThat(error(validator, NbdCommand.WRITE_ZEROES, flags, SIZE, 1)).isEqualTo(expected);
    }

    @Test
    void aPayloadOfBlockStatusNeedsAContextToChooseFrom() {
        RequestValidator without = validator(ReplyForm.EXTENDED, false);
        RequestValidator with = validator(ReplyForm.EXTENDED, false, MetaContext.BASE_ALLOCATION);
        Request request = new Request(CommandFlags.PAYLOAD_LEN, NbdCommand.BLOCK_STATUS.code(), 1, 0, 12);
        assertThat(without.check(request, NbdCommand.BLOCK_STATUS)).isNotNull();
        assertThat(with.check(request, NbdCommand.BLOCK_STATUS)).isNull();
    }
}
