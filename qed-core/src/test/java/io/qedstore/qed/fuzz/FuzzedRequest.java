package io.qedstore.qed.fuzz;

import io.qedstore.qed.format.ImageGeometry;
import java.util.ArrayList;
import java.util.List;

/**
 * One request to an open image, inside its size.
 *
 * @param lengthBytes at least 1; for reads and writes at most 1 MiB, for the others at most 1 GiB
 */
record FuzzedRequest(Kind kind, long guestOffset, long lengthBytes) {
    enum Kind {
        READ,
        WRITE,
        ZERO,
        DISCARD,
        GROW,
        CLEAR_NEED_CHECK
    }

    private static final int MAX_REQUESTS = 24;
    private static final long MAX_DATA_BYTES = 1 << 20;
    private static final long MAX_RANGE_BYTES = 1 << 30;

    /** The requests that the input describes; where it ends at once, a few that touch both ends of the image. */
    static List<FuzzedRequest> decode(FuzzInput input, ImageGeometry geometry, long imageSizeBytes) {
        List<FuzzedRequest> requests = new ArrayList<>();
        if (imageSizeBytes == 0) {
            return requests;
        }
        if (input.isExhausted()) {
            for (Kind kind : new Kind[] {Kind.READ, Kind.WRITE, Kind.ZERO, Kind.DISCARD}) {
                requests.add(inside(kind, 0, 3L * geometry.clusterSize() / 2, imageSizeBytes));
                requests.add(inside(kind, imageSizeBytes - 600, 600, imageSizeBytes));
            }
        }
        while (!input.isExhausted() && requests.size() < MAX_REQUESTS) {
            Kind[] kinds = Kind.values();
            Kind kind = kinds[input.u8() % kinds.length];
            long cluster = geometry.clusterSize();
            long near = (long) (byte) input.u8() * 64;
            long offset =
                    switch (input.u8() >>> 5) {
                        case 7 -> input.i64() & Long.MAX_VALUE;
                        case 6 -> imageSizeBytes - cluster * (input.u8() % 8) + near;
                        case 5 -> geometry.l2SpanBytes() * (input.u8() % 16) + near;
                        case 4 -> cluster * (512L * input.u8()) + near;
                        default -> cluster * (input.u8() % 40) + near;
                    };
            long length =
                    switch (input.u8() >>> 6) {
                        case 3 -> 1L << input.u8() % 31;
                        case 2 -> cluster * (1 + input.u8() % 8);
                        case 1 -> 1 + input.u16();
                        default -> 512L * (1 + input.u8() % 16);
                    };
            requests.add(inside(kind, offset, length, imageSizeBytes));
        }
        return requests;
    }

    private static FuzzedRequest inside(Kind kind, long guestOffset, long lengthBytes, long imageSizeBytes) {
        long offset = Math.max(0, guestOffset) % imageSizeBytes;
        long most = kind == Kind.READ || kind == Kind.WRITE ? MAX_DATA_BYTES : MAX_RANGE_BYTES;
        return new FuzzedRequest(kind, offset, Math.min(Math.min(lengthBytes, most), imageSizeBytes - offset));
    }
}
