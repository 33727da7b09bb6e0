package io.qedstore.serve;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Negotiation by single options, many requests under way, and several connections that see one disk. */
@Tag("once") // on one JDK
class LibnbdConnectionsConformanceIT extends SharedServer {
    @Override
    ForeignPrograms programs(Path folder) throws IOException, InterruptedException {
        return ForeignPrograms.in(folder, "qemu-img", ForeignPrograms.LIBNBD);
    }

    @Override
    Path image() throws IOException, InterruptedException {
        return programs.image("a.qed", "cluster_size=64k", "64M");
    }

    @Override
    List<String> options() {
        return List.of("--export=disk", "--description=a disk");
    }

    private void script(String script) throws IOException, InterruptedException {
        programs.libnbd(server.uri(), script);
    }

    @Test
    void optionsMayBeSentOneByOne() throws IOException, InterruptedException {
        script("""
                def negotiate():
                    h = nbd.NBD()
                    h.set_opt_mode(True)
                    h.set_full_info(True)
                    h.connect_uri(URI)
                    assert h.aio_is_negotiating()
                    return h

                h = negotiate()
                exports = []
                assert h.opt_list(lambda name, description: exports.append((name, description))) == 1
                assert exports == [("disk", "a disk")], exports
                h.set_export_name("other")
                assert_fails(errno.ENOENT, h.opt_info)
                assert_fails(errno.ENOENT, h.opt_go)
                assert h.aio_is_negotiating(), "a wrong name does not end the negotiation"
                contexts = []
                for name in "disk", "":
                    h.set_export_name(name)
                    h.opt_info()
                    assert h.get_size() == 64 * MIB
                    assert h.get_canonical_export_name() == "disk"
                    assert h.get_export_description() == "a disk"
                    contexts.clear()
                    assert h.opt_list_meta_context(lambda context: contexts.append(context)) == 2
                    assert sorted(contexts) == ["base:allocation", "qemu:allocation-depth"]
                contexts.clear()
                h.add_meta_context("base:")
                h.opt_list_meta_context(lambda context: contexts.append(context))
                assert contexts == ["base:allocation"]
                h.clear_meta_contexts()
                h.add_meta_context("qemu:allocation-depth")
                h.opt_go()
                assert h.can_meta_context("qemu:allocation-depth") and not h.can_meta_context("base:allocation")
                assert h.pread(1, 0) == bytes(1)

                h = negotiate()
                h.opt_abort()
                assert h.aio_is_closed()
                """);
    }

    @Test
    void oldClientsAreServedToo() throws IOException, InterruptedException {
        script("""
                for flags in 0, nbd.HANDSHAKE_FLAG_FIXED_NEWSTYLE, nbd.HANDSHAKE_FLAG_NO_ZEROES:
                    h = nbd.NBD()
                    h.set_handshake_flags(flags)
                    h.connect_uri(URI)
                    fixed = flags & nbd.HANDSHAKE_FLAG_FIXED_NEWSTYLE != 0
                    assert h.get_protocol() == ("newstyle-fixed" if fixed else "newstyle")
                    assert h.get_structured_replies_negotiated() == fixed
                    h.pwrite(b'old', 20 * MIB)
                    assert h.pread(4, 20 * MIB) == b'old\\0'
                """);
    }

    @Test
    void manyRequestsAreUnderWayAtATime() throws IOException, InterruptedException {
        script("""
                for h in connect(), connect(structured=False):
                    blocks = [bytes([i + 1]) * 5000 for i in range(64)]
                    for i, block in enumerate(blocks):
                        h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(block)), MIB + 5000 * i)
                    assert h.aio_in_flight() > 1
                    drain(h)
                    reads = [nbd.Buffer(5000) for i in range(64)]
                    cookies = [h.aio_pread(buffer, MIB + 5000 * i) for i, buffer in enumerate(reads)]
                    drain(h)
                    assert all(h.aio_command_completed(cookie) for cookie in cookies)
                    assert [bytes(buffer.to_bytearray()) for buffer in reads] == blocks
                    h.zero(MIB, MIB)
                """);
    }

    @Test
    void whatWasAskedForBeforeTheGoodbyeIsAnswered() throws IOException, InterruptedException {
        script("""
                for h in connect(), connect(structured=False):
                    done = []
                    buffers = [nbd.Buffer(100000) for i in range(20)]
                    for i, buffer in enumerate(buffers):
                        h.aio_pread(buffer, 3 * MIB + i, lambda error: done.append(error.value) or 1)
                        h.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(b'd' * 70000)), 5 * MIB + i * 70000,
                                     lambda error: done.append(error.value) or 1)
                    h.aio_flush(lambda error: done.append(error.value) or 1)
                    h.aio_disconnect()
                    until_closed(h)
                    assert h.aio_is_closed() and done == [0] * 41, done
                    again = connect()
                    assert again.pread(20 * 70000, 5 * MIB) == b'd' * (20 * 70000)
                    again.zero(2 * MIB, 5 * MIB)
                """);
    }

    @Test
    void allConnectionsSeeOneDisk() throws IOException, InterruptedException {
        script("""
                connections = [connect(structured=i % 2 == 0) for i in range(8)]
                assert all(h.can_multi_conn() for h in connections)
                for i in range(40):
                    a, b, c = (connections[(i + j) % 8] for j in range(3))
                    at = 8 * MIB + i * 50000
                    a.pwrite(bytes([i + 1]) * 50000, at)
                    assert b.pread(50000, at) == bytes([i + 1]) * 50000, "before a flush already"
                    b.flush()
                    assert c.pread(50000, at) == bytes([i + 1]) * 50000
                    c.zero(100, at, nbd.CMD_FLAG_FUA)
                    assert a.pread(101, at) == bytes(100) + bytes([i + 1])
                """);
    }

    @Test
    void aClientThatVanishesDoesNotDisturbTheOthers() throws IOException, InterruptedException {
        script("""
                h = connect()
                for i in range(10):
                    gone = connect()
                    for j in range(16):
                        gone.aio_pread(nbd.Buffer(MIB), j * MIB)
                        gone.aio_pwrite(nbd.Buffer.from_bytearray(bytearray(100000)), 40 * MIB + j * 100000)
                    del gone
                    h.pwrite(bytes([i]) * 1000, 30 * MIB)
                    assert h.pread(1000, 30 * MIB) == bytes([i]) * 1000
                """);
    }
}
