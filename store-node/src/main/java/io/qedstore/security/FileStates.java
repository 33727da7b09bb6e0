package io.qedstore.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Of some files, what changes when somebody puts others in their place. */
record FileStates(List<State> states) {
    FileStates {
        states = List.copyOf(states);
    }

    private record State(@Nullable Object key, long modifiedMs, long sizeBytes) {}

    /** @throws IOException if one of them is not there */
    static FileStates of(List<Path> files) throws IOException {
        List<State> states = new ArrayList<>();
        for (Path file : files) {
            BasicFileAttributes attributes;
            try {
                attributes = Files.readAttributes(file, BasicFileAttributes.class);
            } catch (IOException e) {
                throw new IOException("the file " + file + " cannot be read", e);
            }
            states.add(new State(
                    attributes.fileKey(), attributes.lastModifiedTime().toMillis(), attributes.size()));
        }
        return new FileStates(states);
    }
}
