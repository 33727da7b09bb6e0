package io.qedstore.qed.recipe;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.WritableImage;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;

/**
 * Runs the commands of {@code qemu-io -c} against an image of ours: {@code read}, {@code write}, {@code discard},
 * {@code flush}, {@code aio_flush} and {@code sigraise 9}, with the options {@code -P -q -z -u}.
 */
public final class QemuIoScript {
    /** How a script came to its end. */
    public enum End {
        /** All commands ran; the program would close the image now. */
        DONE,
        /** The program killed itself: the image must not be closed. */
        KILLED
    }

    private final GuestImage image;

    private QemuIoScript(GuestImage image) {
        this.image = image;
    }

    /**
     * Runs commands one after another.
     *
     * @throws IllegalArgumentException if a command is not known, or writes to an image that is only read
     */
    public static End run(GuestImage image, List<String> commands) throws IOException {
        QemuIoScript script = new QemuIoScript(image);
        for (String command : commands) {
            if (script.run(command) == End.KILLED) {
                return End.KILLED;
            }
        }
        return End.DONE;
    }

    private End run(String command) throws IOException {
        Deque<String> words = new ArrayDeque<>(Arrays.asList(command.trim().split(" +", -1)));
        String verb = words.remove();
        switch (verb) {
            case "read" -> read(Request.parse(words));
            case "write" -> write(Request.parse(words));
            case "discard" -> discard(Request.parse(words));
            case "flush" -> writable().flush();
            case "aio_flush" -> drain();
            case "sigraise" -> {
                return End.KILLED;
            }
            default -> throw new IllegalArgumentException("unknown command: " + command);
        }
        return End.DONE;
    }

    /** What follows the verb. The pattern is 0xcd where none is given, as in qemu-io. */
    private record Request(long guestOffset, long lengthBytes, byte pattern, boolean zeroes, boolean verify) {
        static Request parse(Deque<String> words) {
            int pattern = 0xcd;
            boolean zeroes = false;
            boolean verify = false;
            while (words.element().startsWith("-")) {
                String option = words.remove();
                switch (option) {
                    case "-P" -> {
                        pattern = Integer.decode(words.remove());
                        verify = true;
                    }
                    case "-z" -> zeroes = true;
                    case "-u", "-q" -> {}
                    default -> throw new IllegalArgumentException("unknown option " + option);
                }
            }
            long guestOffset = ByteCount.parse(words.remove());
            return new Request(guestOffset, ByteCount.parse(words.remove()), (byte) pattern, zeroes, verify);
        }

        ByteBuffer bytes() {
            byte[] bytes = new byte[Math.toIntExact(lengthBytes)];
            Arrays.fill(bytes, pattern);
            return ByteBuffer.wrap(bytes);
        }
    }

    private WritableImage writable() {
        if (image instanceof WritableImage writable) {
            return writable;
        }
        throw new IllegalArgumentException(image.name() + " was opened to read only");
    }

    private void read(Request request) throws IOException {
        ByteBuffer found = ByteBuffer.allocate(Math.toIntExact(request.lengthBytes));
        image.read(request.guestOffset, found);
        if (request.verify && !found.flip().equals(request.bytes())) {
            throw new IOException("Pattern verification failed: " + request);
        }
    }

    private void write(Request request) throws IOException {
        if (request.zeroes) {
            writable().writeZeroes(request.guestOffset, request.lengthBytes);
        } else {
            writable().write(request.guestOffset, request.bytes());
        }
    }

    private void discard(Request request) throws IOException {
        writable().discard(request.guestOffset, request.lengthBytes);
    }

    private void drain() throws IOException {
        if (image instanceof PlainImage plain) {
            plain.clearNeedCheck();
        }
    }
}
