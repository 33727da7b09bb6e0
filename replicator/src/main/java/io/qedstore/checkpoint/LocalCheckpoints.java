package io.qedstore.checkpoint;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.DurableFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.file.SparseCopy;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Stream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Checkpoints in a folder:
 *
 * <pre>
 *   {image id}/{sequence, 20 digits}/image.qed      sparse
 *   {image id}/{sequence, 20 digits}/description    by CheckpointCodec
 *   {image id}/draft.part                           one that is being made
 *   {image id}/{sequence, 20 digits}.gone           one that is being removed
 * </pre>
 *
 * <p>A checkpoint gets its name once all of it is on the disk, and loses it before anything of it is removed.
 */
public final class LocalCheckpoints implements CheckpointStore {
    private static final Logger LOG = LoggerFactory.getLogger(LocalCheckpoints.class);

    private static final String DRAFT = "draft.part";
    private static final String GONE = ".gone";

    private final Path folder;
    private final NodeId holder;

    /** The folder need not be there before something is put into it. */
    public LocalCheckpoints(Path folder, NodeId holder) {
        this.folder = folder;
        this.holder = holder;
    }

    @Override
    public NodeId holder() {
        return holder;
    }

    @Override
    public String place() {
        return folder.toString();
    }

    // ---- what there is

    @Override
    public Set<ImageId> images() throws IOException {
        Set<ImageId> images = new HashSet<>();
        for (Path each : files(folder)) {
            imageOf(each).ifPresent(images::add);
        }
        return images;
    }

    private static List<Path> files(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            return List.of();
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted(Comparator.naturalOrder()).toList();
        }
    }

    private static Optional<ImageId> imageOf(Path file) {
        String name = String.valueOf(file.getFileName());
        try {
            ImageId image = new ImageId(UUID.fromString(name));
            return image.toString().equals(name) ? Optional.of(image) : Optional.empty();
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // none of ours
        }
    }

    @Override
    public List<Sequence> list(ImageId image) throws IOException {
        return files(folder.resolve(image.toString())).stream()
                .flatMap(each -> sequenceOf(each).stream())
                .toList();
    }

    private static Optional<Sequence> sequenceOf(Path file) {
        return CheckpointNames.sequence(String.valueOf(file.getFileName()));
    }

    private Path of(ImageId image, Sequence sequence) {
        return folder.resolve(image.toString()).resolve(CheckpointNames.of(sequence));
    }

    private static Path imageIn(Path checkpoint) {
        return checkpoint.resolve("image.qed");
    }

    private static Path descriptionIn(Path checkpoint) {
        return checkpoint.resolve("description");
    }

    @Override
    public CheckpointDescription describe(ImageId image, Sequence sequence) throws IOException {
        Path checkpoint = of(image, sequence);
        byte[] bytes;
        try {
            Path file = descriptionIn(checkpoint);
            if (Files.size(file) > CheckpointCodec.MAX_BYTES) {
                throw new CheckpointException.Damaged("the description " + file + " has " + Files.size(file)
                        + " bytes, expected at most " + CheckpointCodec.MAX_BYTES);
            }
            bytes = Files.readAllBytes(file);
        } catch (NoSuchFileException e) {
            throw new CheckpointException.Missing(
                    "there is no checkpoint of image " + image + " at event " + sequence + " in " + folder);
        }
        CheckpointDescription found = CheckpointCodec.decode(bytes, checkpoint.toString());
        if (!found.image().equals(image) || !found.sequence().equals(sequence)) {
            throw new CheckpointException.Damaged(checkpoint + " is " + found);
        }
        return found;
    }

    /** Opens the file of one, to read. */
    public ChannelImageFile open(ImageId image, Sequence sequence) throws IOException {
        return ChannelImageFile.open(imageIn(of(image, sequence)), FileAccess.READ);
    }

    // ---- making

    /** A checkpoint that is being made. Closed without being published, nothing of it stays. */
    public final class Draft implements AutoCloseable {
        private final Path path;
        private final ChannelImageFile file;

        private Draft(Path path, ChannelImageFile file) {
            this.path = path;
            this.file = file;
        }

        /** To be filled. */
        public ChannelImageFile file() {
            return file;
        }

        /**
         * From now on the checkpoint is there; durable when it returns.
         *
         * @return the description with what it takes up
         */
        public CheckpointDescription publish(CheckpointDescription description) throws IOException {
            CheckpointDescription whole = description.withStoredBytes(file.allocatedBytes());
            file.sync();
            file.close();
            DurableFile.write(descriptionIn(path), CheckpointCodec.encode(whole));
            DurableFile.force(path);
            Path named = of(whole.image(), whole.sequence());
            if (Files.exists(named)) {
                return describe(whole.image(), whole.sequence()); // it is the same, and this one goes
            }
            DurableFile.rename(path, named);
            return whole;
        }

        @Override
        public void close() throws IOException {
            file.close();
            DurableFile.removeAll(path);
        }
    }

    /** Begins a checkpoint; of each image one at a time. */
    public Draft begin(ImageId image) throws IOException {
        Path of = folder.resolve(image.toString());
        if (!Files.isDirectory(of)) {
            Files.createDirectories(of);
            DurableFile.forceFolder(of);
        }
        Path path = of.resolve(DRAFT);
        DurableFile.removeAll(path);
        Files.createDirectory(path);
        return new Draft(path, ChannelImageFile.createOrOpen(imageIn(path)));
    }

    @Override
    public CheckpointDescription put(CheckpointDescription description, FileView source, CopySteps steps)
            throws IOException {
        try (Draft draft = begin(description.image())) {
            copy(source, description.content().fileLengthBytes(), draft.file(), 0, steps);
            return draft.publish(description);
        }
    }

    @Override
    public void restore(CheckpointDescription description, ImageFile target, long from, CopySteps steps)
            throws IOException {
        try (ChannelImageFile source = open(description.image(), description.sequence())) {
            long length = description.content().fileLengthBytes();
            if (source.length() != length) {
                throw new CheckpointException.Damaged(
                        source.path() + " has " + source.length() + " bytes, expected " + length);
            }
            copy(source, length, target, from, steps);
        }
    }

    private static void copy(FileView source, long length, ImageFile target, long from, CopySteps steps)
            throws IOException {
        if (from == 0 && isCloned(source, target)) {
            return;
        }
        SparseCopy.copyFrom(from, source, length, target, steps::copied);
    }

    private static boolean isCloned(FileView source, ImageFile target) throws IOException {
        return source instanceof ChannelImageFile from && target instanceof ChannelImageFile to && to.cloneFrom(from);
    }

    // ---- removing

    @Override
    public void delete(ImageId image, Sequence sequence) throws IOException {
        Path named = of(image, sequence);
        if (Files.exists(named)) {
            Path gone = named.resolveSibling(CheckpointNames.of(sequence) + GONE);
            DurableFile.removeAll(gone);
            DurableFile.rename(named, gone);
            DurableFile.removeAll(gone);
        }
    }

    @Override
    public void deleteAll(ImageId image) throws IOException {
        for (Sequence each : list(image)) {
            delete(image, each);
        }
        Path of = folder.resolve(image.toString());
        if (Files.exists(of)) {
            DurableFile.removeAll(of);
            DurableFile.force(folder);
        }
    }

    /**
     * Removes what was half done when its process ended, and what nobody can use. Only while nothing else uses the folder.
     *
     * @return how many were removed
     */
    public int clean() throws IOException {
        int removed = 0;
        for (ImageId image : images()) {
            for (Path each : files(folder.resolve(image.toString()))) {
                if (!isUsable(image, each)) {
                    LOG.info("{} is no whole checkpoint, and is removed", each);
                    DurableFile.removeAll(each);
                    removed++;
                }
            }
        }
        return removed;
    }

    private boolean isUsable(ImageId image, Path file) throws IOException {
        Optional<Sequence> sequence = sequenceOf(file);
        if (sequence.isEmpty()) {
            return false;
        }
        try {
            CheckpointDescription found = describe(image, sequence.get());
            Path copy = imageIn(file);
            return Files.exists(copy) && Files.size(copy) == found.content().fileLengthBytes();
        } catch (CheckpointException.OtherVersion e) {
            return true; // for the version that wrote it
        } catch (CheckpointException e) {
            LOG.warn("{}", e.getMessage());
            return false;
        }
    }
}
