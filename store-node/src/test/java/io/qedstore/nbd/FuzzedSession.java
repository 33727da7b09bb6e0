package io.qedstore.nbd;

import io.qedstore.nbd.wire.CommandFlags;
import io.qedstore.nbd.wire.HandshakeFlags;
import io.qedstore.nbd.wire.NbdCommand;
import io.qedstore.nbd.wire.NbdOption;
import io.qedstore.nbd.wire.ReplyForm;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * What the fuzzer's bytes mean: what a client sends, in which pieces it comes, and what the disk does meanwhile.
 *
 * <p>The first byte chooses the disk, the second how the session is made. From 208 on all that follows is sent as it is.
 * Below, a handshake and requests are described in few bytes each, most of them valid; then up to three places are
 * overwritten (mostly none), and one in eight ends anywhere. The rest says where the bytes are cut.
 *
 * @param disk bits: 1 nothing is at once, 2 read-only, 4 it fails, 8 workers are late, 16 the client vanishes at the end
 * @param bytes from the client's flags on
 * @param cuts lengths of the pieces, in order; after them the rest comes whole
 * @param sound whether it was made valid and left so; then every option and request gets its answer
 * @param options sent, in order, if it is sound
 * @param requests sent after them, in order, if it is sound
 */
@SuppressWarnings("ArrayRecordComponent") // nobody compares them
record FuzzedSession(
        int disk,
        byte[] bytes,
        List<Integer> cuts,
        boolean sound,
        ReplyForm form,
        List<Integer> options,
        List<Sent> requests) {
    static final int NOT_AT_ONCE = 1;
    static final int READ_ONLY = 2;
    static final int FAILING = 4;
    static final int LATE_WORKERS = 8;
    static final int VANISHES = 16;

    /** A request that has to be answered. */
    record Sent(long cookie, int command, long offset, long length) {}

    private static final int RAW = 208;
    private static final int MAX_OPTIONS = 6;
    private static final int MAX_REQUESTS = 24;

    static FuzzedSession decode(byte[] input) {
        Choices choices = new Choices(input);
        int disk = choices.u8();
        int mode = choices.u8();
        if (mode >= RAW) {
            int piece = choices.u8();
            List<Integer> cuts = new ArrayList<>();
            for (int i = 0; piece > 0 && i < 200; i++) {
                cuts.add(piece);
            }
            return new FuzzedSession(disk, choices.rest(), cuts, false, ReplyForm.SIMPLE, List.of(), List.of());
        }
        return new Maker(choices, disk, mode).make();
    }

    /** Bytes read as choices, front to back; where they end, every further choice is 0. */
    private static final class Choices {
        private final byte[] bytes;
        private int position;

        Choices(byte[] bytes) {
            this.bytes = bytes;
        }

        boolean isExhausted() {
            return position >= bytes.length;
        }

        int u8() {
            return isExhausted() ? 0 : bytes[position++] & 0xff;
        }

        int u16() {
            return u8() | u8() << 8;
        }

        long i64() {
            long value = 0;
            for (int shift = 0; shift < 64; shift += 8) {
                value |= (long) u8() << shift;
            }
            return value;
        }

        byte[] rest() {
            byte[] rest = new byte[Math.max(0, bytes.length - position)];
            System.arraycopy(bytes, position, rest, 0, rest.length);
            position = bytes.length;
            return rest;
        }
    }

    /** Makes a session out of choices. */
    private static final class Maker {
        private final Choices choices;
        private final int disk;
        private final int mode;
        private final Bytes bytes = new Bytes();
        private final List<Integer> options = new ArrayList<>();
        private final List<Sent> requests = new ArrayList<>();
        private boolean sound = true;

        Maker(Choices choices, int disk, int mode) {
            this.choices = choices;
            this.disk = disk;
            this.mode = mode;
        }

        FuzzedSession make() {
            ReplyForm form =
                    switch (mode % 3) {
                        case 0 -> ReplyForm.SIMPLE;
                        case 1 -> ReplyForm.STRUCTURED;
                        default -> ReplyForm.EXTENDED;
                    };
            bytes.u32(HandshakeFlags.ALL);
            if (form != ReplyForm.SIMPLE) {
                option(
                        form == ReplyForm.EXTENDED ? NbdOption.EXTENDED_HEADERS : NbdOption.STRUCTURED_REPLY,
                        new byte[0]);
            }
            for (int left = choices.u8() % MAX_OPTIONS; left > 0; left--) {
                anyOption();
            }
            if (form != ReplyForm.SIMPLE && mode % 2 == 0) {
                String[] contexts = {"base:allocation", "qemu:allocation-depth"};
                option(NbdOption.SET_META_CONTEXT, WireClient.contextPayload(TestServer.EXPORT, contexts));
            }
            option(NbdOption.GO, WireClient.infoPayload(TestServer.EXPORT, 3));
            for (int i = choices.u8() % MAX_REQUESTS; i > 0; i--) {
                anyRequest(form, requests.size() + 1);
            }
            byte[] all = bytes.array();
            for (int patches = Math.max(0, choices.u8() - 192) / 16; patches > 0; patches--) {
                sound = false;
                all[choices.u16() % all.length] = (byte) choices.u8();
            }
            if (choices.u8() >= 224) {
                sound = false;
                all = Arrays.copyOf(all, choices.u16() % all.length); // it ends anywhere
            }
            List<Integer> cuts = new ArrayList<>();
            while (!choices.isExhausted() && cuts.size() < 200) {
                cuts.add(1 + choices.u8());
            }
            return new FuzzedSession(disk, all, cuts, sound, form, options, requests);
        }

        private void option(NbdOption option, byte[] payload) {
            option(option.code(), payload);
        }

        private void option(int code, byte[] payload) {
            bytes.put(WireClient.optionBytes(code, payload));
            options.add(code);
        }

        private void anyOption() {
            String name =
                    switch (choices.u8() % 4) {
                        case 0 -> TestServer.EXPORT;
                        case 1 -> "nobody";
                        case 2 -> "n".repeat(choices.u8() * 20);
                        default -> "";
                    };
            int length = choices.u16();
            switch (choices.u8() % 8) {
                case 0 -> option(NbdOption.LIST, new byte[length % 3]);
                case 1 -> option(NbdOption.INFO, WireClient.infoPayload(name, length, 3, 1));
                case 2 -> option(NbdOption.LIST_META_CONTEXT, WireClient.contextPayload(name, "base:", "x"));
                case 3 -> option(NbdOption.SET_META_CONTEXT, WireClient.contextPayload(name, "base:allocation"));
                case 4 -> option(NbdOption.STARTTLS, new byte[length % 2]);
                case 5 -> option(NbdOption.GO, Bytes.pattern(length % 50, 1)); // the name's length is never right
                case 6 -> option(100 + length % 5, new byte[length]);
                default -> option(100, new byte[65_000 + length]); // may be too long to be looked at
            }
        }

        private byte[] payload(int command) {
            int kind = choices.u8();
            if (command != NbdCommand.BLOCK_STATUS.code() || kind >= 224) {
                return new byte[choices.u16() % 5000];
            }
            Bytes range = new Bytes().u64(choices.u16());
            for (int contexts = kind % 4; contexts > 0; contexts--) {
                range.u32(choices.u8() % 3);
            }
            return range.array();
        }

        private void anyRequest(ReplyForm form, long number) {
            int command = choices.u8() % 10;
            int wild = choices.u8();
            int flags = wild >= 224 ? choices.u16() : (wild & 3) == 0 ? CommandFlags.FUA : 0;
            boolean chooses = command == NbdCommand.BLOCK_STATUS.code() && form == ReplyForm.EXTENDED;
            flags |= chooses && wild < 128 ? CommandFlags.PAYLOAD_LEN : 0;
            long offset = wild >= 192 ? choices.i64() : choices.u16() * 16L;
            long length = wild >= 160 ? choices.i64() : choices.u16();
            byte[] payload = new byte[0];
            if (form == ReplyForm.EXTENDED) {
                boolean carries = command == NbdCommand.WRITE.code() || (flags & CommandFlags.PAYLOAD_LEN) != 0;
                flags = carries ? flags | CommandFlags.PAYLOAD_LEN : flags & ~CommandFlags.PAYLOAD_LEN;
                payload = carries ? payload(command) : payload;
                length = carries ? payload.length : length;
            } else if (command == NbdCommand.WRITE.code()) {
                payload = new byte[choices.u16()];
                length = payload.length;
            }
            length = form == ReplyForm.EXTENDED ? length : length & 0xffff_ffffL;
            bytes.put(WireClient.requestBytes(form, command, flags, number, offset, length, payload));
            boolean afterGoodbye =
                    !requests.isEmpty() && requests.get(requests.size() - 1).command() == NbdCommand.DISC.code();
            if (!afterGoodbye) {
                // what the range of a block status with payload is stands in the payload: 0 says so
                boolean chosen = command == NbdCommand.BLOCK_STATUS.code() && payload.length > 0;
                requests.add(new Sent(number, command, offset, chosen ? 0 : length));
            }
        }
    }
}
