package io.qedstore.security;

import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFileAttributeView;
import java.nio.file.attribute.PosixFileAttributes;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * The file of a node's grants, in JSON, with hashes and no secrets. All nodes of a cluster have the same. It is replaced as a whole, so
 * whoever reads it finds the grants of one moment.
 */
public final class TokenFile {
    private static final int VERSION = 1;
    private static final int MAX_BYTES = 16 << 20;

    /** Strict: a property that is not known could be a limit that was misspelt. */
    private static final JsonMapper JSON = JsonMapper.builder()
            .addModule(new Jdk8Module())
            .addModule(new JavaTimeModule())
            .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
            .enable(SerializationFeature.INDENT_OUTPUT)
            .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
            .build();

    private final Path file;

    private record Content(int version, List<Grant> grants) {
        Content {
            grants = List.copyOf(grants);
        }
    }

    public TokenFile(Path file) {
        this.file = file.toAbsolutePath();
    }

    Path path() {
        return file;
    }

    /**
     * @throws IOException if it is not there, is not what it should be, or others than its owner and group may change it: nobody is let in
     *     then
     */
    public List<Grant> read() throws IOException {
        if (Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_WRITE)) {
            throw new IOException("anybody may change " + file + ", which says who may do what; chmod it to 0600");
        }
        if (Files.size(file) > MAX_BYTES) {
            throw new IOException(file + " has " + Files.size(file) + " bytes, expected at most " + MAX_BYTES);
        }
        Content content;
        try {
            content = JSON.readValue(Files.readAllBytes(file), Content.class);
        } catch (IOException e) {
            throw new IOException("the file of tokens " + file + " cannot be used: " + firstLine(e), e);
        }
        if (content == null || content.version() != VERSION) {
            throw new IOException("the file of tokens " + file + " is of version "
                    + (content == null ? "none" : content.version()) + ", expected " + VERSION);
        }
        Set<String> ids = new HashSet<>();
        for (Grant grant : content.grants()) {
            if (!ids.add(grant.id())) {
                throw new IOException("the file of tokens " + file + " has the id " + grant.id() + " twice");
            }
        }
        return content.grants();
    }

    private static String firstLine(Exception e) {
        return String.valueOf(e.getMessage()).lines().findFirst().orElse("it is not understood");
    }

    /** Changes it, or makes it, for its owner alone to read. Waits for others who do the same. */
    public List<Grant> change(UnaryOperator<List<Grant>> change) throws IOException {
        Path lock = file.resolveSibling(file.getFileName() + ".lock");
        try (FileChannel channel = FileChannel.open(lock, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
                FileLock held = channel.lock()) {
            List<Grant> before = Files.exists(file) ? read() : List.of();
            List<Grant> after = List.copyOf(change.apply(new ArrayList<>(before)));
            if (held.isValid() && !after.equals(before)) {
                write(JSON.writeValueAsBytes(new Content(VERSION, after)));
            }
            return after;
        }
    }

    /** For its owner alone, if it is new; else as the one before was, whoever runs this. */
    private void write(byte[] bytes) throws IOException {
        Path next = file.resolveSibling(file.getFileName() + ".new");
        Files.deleteIfExists(next);
        Files.createFile(next, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        DurableFile.write(next, bytes);
        if (Files.exists(file)) {
            PosixFileAttributes before = Files.readAttributes(file, PosixFileAttributes.class);
            PosixFileAttributeView view = Files.getFileAttributeView(next, PosixFileAttributeView.class);
            PosixFileAttributes now = view.readAttributes();
            if (!now.group().equals(before.group())) {
                view.setGroup(before.group());
            }
            if (!now.owner().equals(before.owner())) {
                view.setOwner(before.owner());
            }
            view.setPermissions(before.permissions());
        }
        DurableFile.rename(next, file);
    }
}
