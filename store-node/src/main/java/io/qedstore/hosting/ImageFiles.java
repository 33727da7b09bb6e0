package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.rebuild.Rebuild;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Where the files of images lie: one folder, each file called by the image's id. */
public final class ImageFiles {
    private final Path folder;

    /** Makes the folder if it is missing. */
    public ImageFiles(Path folder) throws IOException {
        this.folder = Files.createDirectories(folder);
    }

    public Path of(ImageId image) {
        return folder.resolve(image + ".qed");
    }

    /** Where the file is made from a checkpoint. */
    Path restoredOf(ImageId image) {
        return folder.resolve(image + ".restored");
    }

    /** Where it is said how the file looked when it was closed. */
    Path sealOf(ImageId image) {
        return folder.resolve(image + ".seal");
    }

    /** Whether there is a file with anything in it. */
    boolean holdsAnything(ImageId image) throws IOException {
        Path file = of(image);
        return Files.exists(file) && Files.size(file) > 0;
    }

    /** Removes what was made from a checkpoint, and is not needed any more. */
    void removeRestored(ImageId image) throws IOException {
        Rebuild.removeParts(restoredOf(image));
        Files.deleteIfExists(restoredOf(image));
    }

    /** Of the file; 0 if there is none. */
    long lengthBytes(ImageId image) throws IOException {
        Path file = of(image);
        return Files.exists(file) ? Files.size(file) : 0;
    }

    /**
     * Gives a file that is of no use another name, for people to look at; durable when it returns.
     *
     * @param when seconds since 1970
     * @return the name that it has now
     */
    Path setAside(ImageId image, long when) throws IOException {
        Path aside = folder.resolve(image + ".set-aside-" + when);
        DurableFile.rename(of(image), aside);
        return aside;
    }

    /** The images of which there is a file, be it one that was set aside. */
    Set<ImageId> images() throws IOException {
        try (Stream<Path> files = Files.list(folder)) {
            return files.flatMap(file -> imageOf(file).stream()).collect(Collectors.toSet());
        }
    }

    private static Optional<ImageId> imageOf(Path file) {
        String name = String.valueOf(file.getFileName());
        int end = name.indexOf('.');
        try {
            ImageId image = new ImageId(UUID.fromString(end < 0 ? name : name.substring(0, end)));
            return name.startsWith(image + ".") ? Optional.of(image) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // none of ours
        }
    }

    /**
     * Removes the file of an image.
     *
     * @param all those that were set aside, too
     */
    void delete(ImageId image, boolean all) throws IOException {
        List<Path> ours;
        try (Stream<Path> files = Files.list(folder)) {
            ours = files.filter(file -> file.equals(of(image))
                            || file.equals(sealOf(image))
                            || (all && imageOf(file).equals(Optional.of(image))))
                    .toList();
        }
        for (Path file : ours) {
            Files.deleteIfExists(file);
        }
        removeRestored(image);
        DurableFile.force(folder);
    }
}
