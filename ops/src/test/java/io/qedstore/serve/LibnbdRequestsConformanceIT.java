package io.qedstore.serve;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Reads, writes and refusals, as libnbd sees them with its own checks switched off. Each test has its own MiBs. */
@Tag("once") // on one JDK
class LibnbdRequestsConformanceIT extends SharedServer {
    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", ForeignPrograms.LIBNBD);
    }

    @Override
    Path image() throws IOException, InterruptedException {
        return programs.image("a.qed", "cluster_size=64k", "100M");
    }

    private void script(String script) throws IOException, InterruptedException {
        programs.libnbd(server.uri(), script);
    }

    @Test
    void bothFormsOfRepliesBringTheSameBytes() throws IOException, InterruptedException {
        script("""
                h, simple = connect(), connect(structured=False)
                assert h.can_df() and not simple.can_df()
                data = bytes(range(256)) * 300
                simple.pwrite(data, MIB + 1000)
                for at, length in [(MIB, MIB), (MIB + 999, 2), (MIB + 1000, len(data)), (MIB + 70000, 40000), (2 * MIB - 1, 1)]:
                    want = (bytes(1000) + data + bytes(MIB))[at - MIB:][:length]
                    assert h.pread(length, at) == want
                    assert simple.pread(length, at) == want
                """);
    }

    @Test
    void aReadTellsItsHolesUnlessItMustNotBeCut() throws IOException, InterruptedException {
        script("""
                h = connect()
                h.pwrite(b'a' * 65536, 3 * MIB + 65536)
                h.pwrite(b'b' * 1000, 3 * MIB + 4 * 65536)
                pieces = []

                def piece(data, offset, kind, error):
                    assert error.value == 0
                    assert kind == nbd.READ_DATA or not any(data)
                    pieces.append((offset - 3 * MIB, len(data), kind == nbd.READ_HOLE))

                want = bytes(65536) + b'a' * 65536 + bytes(2 * 65536) + b'b' * 1000 + bytes(65536 * 4 - 1000)
                assert h.pread_structured(8 * 65536, 3 * MIB, piece) == want
                pieces.sort()
                assert [(at, length) for at, length, hole in pieces if hole] == [
                    (0, 65536), (2 * 65536, 2 * 65536), (5 * 65536, 3 * 65536)], pieces
                assert sum(length for at, length, hole in pieces) == 8 * 65536

                pieces.clear()
                assert h.pread_structured(8 * 65536, 3 * MIB, piece, nbd.CMD_FLAG_DF) == want
                assert pieces == [(0, 8 * 65536, False)], pieces
                pieces.clear()
                h.pread_structured(512, 3 * MIB, piece, nbd.CMD_FLAG_DF)
                assert pieces == [(0, 512, False)], pieces
                """);
    }

    @Test
    void requestsMayBeginAndEndAnywhere() throws IOException, InterruptedException {
        script("""
                import random
                h, random, start = connect(), random.Random(5), 5 * MIB
                want = bytearray(MIB)
                for i in range(300):
                    at = random.randrange(MIB)
                    length = min(MIB - at, random.choice([1, 2, 511, 513, 4095, 65536, 65537, 200000]))
                    if i % 5 == 4:
                        flags = random.choice([0, nbd.CMD_FLAG_NO_HOLE, nbd.CMD_FLAG_FUA])
                        h.zero(length, start + at, flags)
                        want[at:at + length] = bytes(length)
                    else:
                        data = random.randbytes(length)
                        h.pwrite(data, start + at, random.choice([0, nbd.CMD_FLAG_FUA]))
                        want[at:at + length] = data
                    at = random.randrange(MIB)
                    length = min(MIB - at, 100000)
                    assert h.pread(length, start + at) == want[at:at + length], (i, at, length)
                assert h.pread(MIB, start) == want
                """);
    }

    @Test
    void whatLeavesTheDiskIsRefusedAndChangesNothing() throws IOException, InterruptedException {
        script("""
                for h in connect(["base:allocation"]), connect(structured=False):
                    size = h.get_size()
                    h.pwrite(b'e' * 4096, size - 4096)
                    for at, length in [(size - 1, 2), (size, 1), (size + 1, 1), (1 << 62, 512), ((1 << 63) - 512, 4096),
                                       (size - 4096, 1 << 20)]:
                        assert_fails(errno.EINVAL, h.pread, length, at)
                        assert_fails(errno.ENOSPC, h.pwrite, b'x' * length, at)
                        assert_fails(errno.ENOSPC, h.zero, length, at)
                        assert_fails(errno.EINVAL, h.trim, length, at)
                        assert_fails(errno.EINVAL, h.cache, length, at)
                        if h.can_meta_context("base:allocation"):
                            assert_fails(errno.EINVAL, h.block_status, length, at, lambda *a: None)
                    assert_fails(errno.ENOSPC, h.zero, (1 << 32) - 1, 0)
                    assert_fails(errno.EINVAL, h.trim, (1 << 32) - 1, 0)
                    assert h.pread(4096, size - 4096) == b'e' * 4096
                """);
    }

    @Test
    void nothingMayBeAskedForAsWell() throws IOException, InterruptedException {
        script("""
                for h in connect(["base:allocation"]), connect(structured=False):
                    for at in 0, 4711, h.get_size():
                        h.pwrite(b'', at)
                        h.zero(0, at)
                        h.trim(0, at)
                        h.cache(0, at)
                        h.pread(0, at)
                    if h.can_meta_context("base:allocation"):
                        assert_fails(errno.EINVAL, h.block_status, 0, 0, lambda *a: None)
                    assert h.pread(3, 90 * MIB) == bytes(3), "the connection goes on"
                """);
    }

    @Test
    void aRequestIsAsLongAsTheServerSaidAndNoLonger() throws IOException, InterruptedException {
        script("""
                for h in connect(), connect(structured=False):
                    most = h.get_block_size(nbd.SIZE_MAXIMUM)
                    assert most == 32 * MIB
                    h.pwrite(b'm' * most, 50 * MIB)
                    assert h.pread(most, 50 * MIB) == b'm' * most
                    assert_fails(errno.EINVAL, h.pwrite, b'n' * (most + 1), 50 * MIB)
                    assert_fails(errno.EINVAL, h.pread, most + 1, 50 * MIB)
                    assert h.pread(2, 50 * MIB) == b'mm', "the connection goes on and nothing was written"
                    h.zero(40 * MIB, 50 * MIB)
                    assert h.pread(most, 50 * MIB) == bytes(most), "what carries no bytes may be longer"
                """);
    }

    @Test
    void fastZeroesAreFastOrRefusedAndNeverHalfDone() throws IOException, InterruptedException {
        script("""
                h = connect()
                h.pwrite(b'f' * MIB, 8 * MIB)
                for flags in nbd.CMD_FLAG_FAST_ZERO, nbd.CMD_FLAG_FAST_ZERO | nbd.CMD_FLAG_NO_HOLE:
                    for at, length in [(0, MIB), (100, 50), (65536, 65536), (60000, 100000)]:
                        before = h.pread(MIB, 8 * MIB)
                        try:
                            h.zero(length, 8 * MIB + at, flags)
                            want = before[:at] + bytes(length) + before[at + length:]
                        except nbd.Error as e:
                            assert e.errnum == errno.ENOTSUP, e
                            want = before
                        assert h.pread(MIB, 8 * MIB) == want, (flags, at, length)
                        h.pwrite(b'f' * MIB, 8 * MIB)
                        h.zero(length, 8 * MIB + at, flags & ~nbd.CMD_FLAG_FAST_ZERO)
                        assert h.pread(length, 8 * MIB + at) == bytes(length), "without the flag it is never refused"
                        h.pwrite(b'f' * MIB, 8 * MIB)
                h.zero(2 * MIB, 10 * MIB, nbd.CMD_FLAG_FAST_ZERO)
                """);
    }

    @Test
    void commandFlagsThatMeanNothingAreRefused() throws IOException, InterruptedException {
        script("""
                h = connect(["base:allocation"])
                all_flags = nbd.CMD_FLAG_MASK
                fua = nbd.CMD_FLAG_FUA
                h.pwrite(b'g' * 4096, 13 * MIB)
                for call, valid in [
                        (lambda flags: h.pread(512, 13 * MIB, flags), nbd.CMD_FLAG_DF | fua),
                        (lambda flags: h.pwrite(b'g' * 512, 13 * MIB, flags), fua),
                        (lambda flags: h.trim(512, 14 * MIB, flags), fua),
                        (lambda flags: h.cache(512, 13 * MIB, flags), fua),
                        (lambda flags: h.flush(flags), fua),
                        (lambda flags: h.zero(512, 14 * MIB, flags), nbd.CMD_FLAG_NO_HOLE | fua),
                        (lambda flags: h.block_status(512, 13 * MIB, lambda *a: None, flags), nbd.CMD_FLAG_REQ_ONE | fua)]:
                    for bit in range(16):
                        flag = 1 << bit
                        if flag & valid:
                            call(flag)
                        elif flag != nbd.CMD_FLAG_FAST_ZERO:
                            assert_fails(errno.EINVAL, call, flag)
                assert_fails(errno.EINVAL, connect(structured=False).pread, 512, 0, nbd.CMD_FLAG_DF)
                assert h.pread(4096, 13 * MIB) == b'g' * 4096
                """);
    }

    @Test
    void aTrimmedRangeReadsAsZeros() throws IOException, InterruptedException {
        script("""
                h = connect()
                h.pwrite(b't' * MIB, 15 * MIB)
                h.trim(MIB - 1000, 15 * MIB + 500, nbd.CMD_FLAG_FUA)
                assert h.pread(MIB, 15 * MIB) == b't' * 500 + bytes(MIB - 1000) + b't' * 500
                h.cache(MIB, 15 * MIB)
                """);
    }
}
