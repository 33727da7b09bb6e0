package io.qedstore.serve;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Block status of a disk of 8 TiB with a backing file of 1 MiB, and what is behind 4 GiB on it. */
@Tag("once") // on one JDK
class LibnbdBlockStatusConformanceIT extends SharedServer {
    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", "qemu-io", "nbdinfo", ForeignPrograms.LIBNBD);
    }

    @Override
    Path image() throws IOException, InterruptedException {
        Path base = programs.image("base.qed", "cluster_size=64k", "1M");
        programs.succeed("qemu-io", "-f", "qed", "-c", "write 128k 128k", "-c", "write -z 512k 64k", base);
        Path file = programs.image("a.qed", "cluster_size=64k,backing_file=base.qed,backing_fmt=qed", "8T");
        programs.succeed("qemu-io", "-f", "qed", "-c", "write 192k 128k", "-c", "write -z 640k 64k", file);
        return file;
    }

    private void script(String script) throws IOException, InterruptedException {
        programs.libnbd(server.uri(), "K64, HOLE = 65536, nbd.STATE_HOLE | nbd.STATE_ZERO\n" + script);
    }

    @Test
    void everyContextIsAnsweredOnceAndForItself() throws IOException, InterruptedException {
        script("""
                h = connect(["base:allocation", "qemu:allocation-depth", "qemu:dirty-bitmap:none", "x-own:thing"])
                assert h.can_meta_context("base:allocation") and h.can_meta_context("qemu:allocation-depth")
                assert not h.can_meta_context("qemu:dirty-bitmap:none") and not h.can_meta_context("x-own:thing")
                found = statuses(h, MIB, 0)
                assert found["base:allocation"] == [(2 * K64, HOLE), (3 * K64, 0), (11 * K64, HOLE)], found
                assert found["qemu:allocation-depth"] == [
                    (2 * K64, 0), (K64, 2), (2 * K64, 1), (3 * K64, 0), (K64, 2), (K64, 0), (K64, 1), (5 * K64, 0)], found
                """);
    }

    @Test
    void aRangeMayBeginAndEndAnywhere() throws IOException, InterruptedException {
        script("""
                h = connect(["base:allocation", "qemu:allocation-depth"])
                found = statuses(h, 2 * K64, 2 * K64 - 1)
                assert found["base:allocation"] == [(1, HOLE), (2 * K64 - 1, 0)], found
                assert found["qemu:allocation-depth"] == [(1, 0), (K64, 2), (K64 - 1, 1)], found
                assert statuses(h, 1, 3 * K64 + 5) == {"base:allocation": [(1, 0)], "qemu:allocation-depth": [(1, 1)]}
                """);
    }

    @Test
    void oneExtentIsGivenWhereOneIsAskedFor() throws IOException, InterruptedException {
        script("""
                h = connect(["base:allocation", "qemu:allocation-depth"])
                for at in 0, 1, 2 * K64, 3 * K64, 5 * K64, MIB - 1, MIB, 5 * TIB, 8 * TIB - 1:
                    length = min(MIB, 8 * TIB - at)
                    all = statuses(h, length, at)
                    one = statuses(h, length, at, nbd.CMD_FLAG_REQ_ONE)
                    for context in all:
                        assert len(one[context]) == 1, one
                        assert one[context][0][0] <= all[context][0][0] and one[context][0][0] <= length
                        assert one[context][0][1] == all[context][0][1], (all, one)
                    assert one["base:allocation"] == all["base:allocation"][:1]
                """);
    }

    @Test
    void nothingIsToldWhereNothingWasAgreedOn() throws IOException, InterruptedException {
        script("""
                for h in connect(), connect(["x-own:thing"]), connect(["base:allocation"], structured=False):
                    assert not h.can_meta_context("base:allocation")
                    assert_fails(errno.EINVAL, h.block_status, 512, 0, lambda *a: None)
                    assert h.pread(1, 0) == bytes(1), "the connection goes on"
                """);
    }

    @Test
    void dataAndStatusBehind4GibAreInTheirPlace() throws IOException, InterruptedException {
        script("""
                h = connect(["base:allocation"])
                spots = [4 * GIB - 100, 4 * GIB + 3 * MIB, 5 * TIB + 12345, 8 * TIB - 1000]
                for i, at in enumerate(spots):
                    h.pwrite(bytes([65 + i]) * 200, at)
                for i, at in enumerate(spots):
                    assert h.pread(200, at) == bytes([65 + i]) * 200, hex(at)
                    assert h.pread(200, at & 0xffffffff) == bytes(200) or at < 4 * GIB, hex(at)
                    assert statuses(h, 1, at)["base:allocation"] == [(1, 0)]
                most = (1 << 32) - K64
                total, at = 0, 0
                while at < h.get_size():
                    extents = statuses(h, min(most, h.get_size() - at), at)["base:allocation"]
                    asked = min(most, h.get_size() - at)
                    assert sum(length for length, status in extents[:-1]) < asked
                    assert at + sum(length for length, status in extents) <= h.get_size()
                    total += sum(length for length, status in extents if status == 0)
                    at += sum(length for length, status in extents)
                assert at == 8 * TIB
                # 192 KiB in front; the first spot lies across two clusters, the second and third in one each, so the last
                assert total == 3 * K64 + 5 * K64, total
                """);
        assertThat(programs.succeed("nbdinfo", "--map", "--totals", server.uri()))
                .contains("524288   0.0%   0 data", "8796092497920 100.0%   3 hole,zero");
    }

    @Test
    void whatIsZeroedWithoutAHoleHoldsItsSpace() throws IOException, InterruptedException {
        script("""
                h = connect(["base:allocation", "qemu:allocation-depth"])
                h.zero(2 * K64, 32 * MIB)
                h.zero(2 * K64, 33 * MIB, nbd.CMD_FLAG_NO_HOLE)
                assert statuses(h, 2 * K64, 32 * MIB)["base:allocation"] == [(2 * K64, HOLE)]
                assert statuses(h, 2 * K64, 33 * MIB)["base:allocation"][0][1] & nbd.STATE_HOLE == 0
                assert h.pread(2 * K64, 32 * MIB) == h.pread(2 * K64, 33 * MIB) == bytes(2 * K64)
                """);
    }
}
