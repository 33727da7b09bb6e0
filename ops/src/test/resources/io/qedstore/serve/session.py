# What the libnbd scripts of the tests have in common; each script follows it.
import errno
import nbd
import sys

URI = sys.argv[1]
KIB, MIB, GIB, TIB = 1 << 10, 1 << 20, 1 << 30, 1 << 40


def connect(contexts=(), structured=True, uri=URI):
    """A connection on which libnbd refuses nothing by itself: the server has to."""
    h = nbd.NBD()
    h.set_strict_mode(0)
    h.set_uri_allow_local_file(True)
    h.set_request_structured_replies(structured)
    for context in contexts:
        h.add_meta_context(context)
    h.connect_uri(uri)
    assert h.get_structured_replies_negotiated() == structured
    return h


def assert_fails(expected, call, *arguments):
    try:
        call(*arguments)
    except nbd.Error as e:
        assert e.errnum == expected, "expected %s, got %s" % (errno.errorcode[expected], e)
    else:
        raise AssertionError("no error, expected " + errno.errorcode[expected])


def statuses(h, length, offset, flags=0):
    """Block status by context: a list of (length, status)."""
    found = {}

    def extents(context, at, entries, error):
        assert at == offset and error.value == 0
        assert context not in found, "two replies for " + context
        found[context] = list(zip(entries[::2], entries[1::2]))

    h.block_status(length, offset, extents, flags)
    return found


def drain(h):
    """Waits until nothing is in flight."""
    while h.aio_in_flight() > 0:
        h.poll(60000)


def until_closed(h):
    """Waits until the connection is gone, in good order or not."""
    while not (h.aio_is_closed() or h.aio_is_dead()):
        try:
            h.poll(60000)
        except nbd.Error:
            assert h.aio_is_closed() or h.aio_is_dead()


