package io.qedstore.hosting;

import io.qedstore.event.ImageId;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;

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

    /** Whether there is a file with anything in it. */
    boolean holdsAnything(ImageId image) throws IOException {
        Path file = of(image);
        return Files.exists(file) && Files.size(file) > 0;
    }

    /**
     * Gives a file that is of no use another name, for people to look at; durable when it returns.
     *
     * @param when seconds since 1970
     * @return the name that it has now
     */
    Path setAside(ImageId image, long when) throws IOException {
        Path aside = folder.resolve(image + ".set-aside-" + when);
        Files.move(of(image), aside, StandardCopyOption.ATOMIC_MOVE);
        force();
        return aside;
    }

    /** Removes the file of an image that is gone for ever. */
    void delete(ImageId image) throws IOException {
        Files.deleteIfExists(of(image));
        force();
    }

    private void force() throws IOException {
        try (FileChannel channel = FileChannel.open(folder, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
