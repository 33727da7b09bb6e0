package io.qedstore.hosting;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a file looked from outside when it was closed in order. One that looks otherwise when it is opened again was touched by
 * somebody else meanwhile. It is noted when a file is opened, too: if the node is killed, at least another file in its place can be
 * told by its inode. A seal may get lost in a crash; then nothing can be said.
 *
 * @param sequence of the last event in the file; a file that has got further is none that was closed in order
 */
record FileSeal(long sequence, long lengthBytes, long changedNanos, long inode) {
    private static final Pattern TEXT =
            Pattern.compile("sequence (\\d+)\\nlength (\\d+)\\nchanged (-?\\d+)\\ninode (\\d+)\\n");

    static FileSeal of(Path file, long sequence) throws IOException {
        FileTime changed = (FileTime) Files.getAttribute(file, "unix:ctime"); // which nobody can set
        Number inode = (Number) Files.getAttribute(file, "unix:ino");
        return new FileSeal(sequence, Files.size(file), changed.to(TimeUnit.NANOSECONDS), inode.longValue());
    }

    /** Empty if there is none, or none that makes sense. */
    static Optional<FileSeal> read(Path seal) throws IOException {
        String text;
        try {
            text = Files.readString(seal);
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
        Matcher found = TEXT.matcher(text);
        return found.matches()
                ? Optional.of(new FileSeal(
                        Long.parseLong(found.group(1)),
                        Long.parseLong(found.group(2)),
                        Long.parseLong(found.group(3)),
                        Long.parseLong(found.group(4))))
                : Optional.empty();
    }

    void write(Path seal) throws IOException {
        Path part = seal.resolveSibling(seal.getFileName() + ".part");
        Files.writeString(
                part,
                "sequence " + sequence + "\nlength " + lengthBytes + "\nchanged " + changedNanos + "\ninode " + inode
                        + "\n");
        Files.move(part, seal, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
    }
}
