package io.qedstore.checkpoint;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/**
 * Checkpoints in an object store:
 *
 * <pre>
 *   {image id}/{sequence, 20 digits}/{number, 8 digits}-{SHA-256}    a chunk, by ChunkCodec
 *   {image id}/{sequence, 20 digits}/manifest                        written last, removed first
 * </pre>
 *
 * <p>The chunks of a sequence are the same whoever puts them, so a put that was broken off goes on with those that are there. What is
 * left of one that nobody goes on with is removed when a later one of the image was put. So one behind which a later one is there
 * is not put: its chunks may be being removed.
 */
public final class ObjectCheckpoints implements CheckpointStore {
    private static final String MANIFEST = "manifest";

    private final ObjectStore objects;
    private final NodeId holder;

    public ObjectCheckpoints(ObjectStore objects, NodeId holder) {
        this.objects = objects;
        this.holder = holder;
    }

    @Override
    public NodeId holder() {
        return holder;
    }

    @Override
    public String place() {
        return objects.place();
    }

    @Override
    public Set<ImageId> images() throws IOException {
        Set<ImageId> images = new HashSet<>();
        for (String key : objects.list("").keySet()) {
            imageOf(key).ifPresent(images::add);
        }
        return images;
    }

    private static Optional<ImageId> imageOf(String key) {
        try {
            return Optional.of(new ImageId(UUID.fromString(key.substring(0, Math.max(0, key.indexOf('/'))))));
        } catch (IllegalArgumentException e) {
            return Optional.empty(); // none of ours
        }
    }

    @Override
    public List<Sequence> list(ImageId image) throws IOException {
        return sequences(objects.list(image + "/").keySet(), "/" + MANIFEST);
    }

    /** Of keys that end so. */
    private static List<Sequence> sequences(Set<String> keys, String end) {
        TreeSet<Sequence> sequences = new TreeSet<>();
        for (String key : keys) {
            String[] parts = key.split("/", -1);
            if (parts.length == 3 && key.endsWith(end)) {
                CheckpointNames.sequence(parts[1]).ifPresent(sequences::add);
            }
        }
        return List.copyOf(sequences);
    }

    private static String folder(ImageId image, Sequence sequence) {
        return image + "/" + CheckpointNames.of(sequence) + "/";
    }

    @Override
    public CheckpointDescription describe(ImageId image, Sequence sequence) throws IOException {
        return manifest(image, sequence).description();
    }

    private Manifest manifest(ImageId image, Sequence sequence) throws IOException {
        String key = folder(image, sequence) + MANIFEST;
        String what = key + " in " + place();
        Optional<byte[]> bytes = objects.get(key, Manifest.MAX_BYTES);
        if (bytes.isEmpty()) {
            throw new CheckpointException.Missing(
                    "there is no checkpoint of image " + image + " at event " + sequence + " in " + place());
        }
        Manifest found = Manifest.decode(bytes.get(), what);
        CheckpointDescription description = found.description();
        if (!description.image().equals(image) || !description.sequence().equals(sequence)) {
            throw new CheckpointException.Damaged(what + " is " + description);
        }
        return found;
    }

    /** Whether all of one is there, as far as can be seen without reading it. */
    public boolean isWhole(ImageId image, Sequence sequence) throws IOException {
        try {
            return isWhole(manifest(image, sequence), objects.list(folder(image, sequence)));
        } catch (CheckpointException e) {
            return false;
        }
    }

    private static boolean isWhole(Manifest manifest, Map<String, Long> there) {
        String folder =
                folder(manifest.description().image(), manifest.description().sequence());
        for (int i = 0; i < manifest.chunks().size(); i++) {
            Manifest.Chunk chunk = manifest.chunks().get(i);
            Long length = there.get(folder + chunk.name(i));
            if (length == null || length != chunk.lengthBytes()) {
                return false;
            }
        }
        return true;
    }

    // ---- putting

    @Override
    public CheckpointDescription put(CheckpointDescription description, FileView source, CopySteps steps)
            throws IOException {
        String folder = folder(description.image(), description.sequence());
        Map<String, Long> there = objects.list(folder);
        if (there.containsKey(folder + MANIFEST) && isWhole(description.image(), description.sequence())) {
            return describe(description.image(), description.sequence());
        }
        ChunkCodec.Reader reader = new ChunkCodec.Reader(source);
        List<Manifest.Chunk> chunks = new ArrayList<>();
        long stored = 0;
        for (byte[] bytes = reader.next(); bytes != null; bytes = reader.next()) {
            Manifest.Chunk chunk = Manifest.chunk(bytes);
            String key = folder + chunk.name(chunks.size());
            Long length = there.get(key);
            if (length == null || length != bytes.length) {
                objects.put(key, bytes);
            }
            chunks.add(chunk);
            stored += bytes.length;
            requireFits(chunks.size(), description);
            steps.copied(chunks.size(), bytes.length);
        }
        Manifest manifest = new Manifest(description.withStoredBytes(stored), chunks);
        if (!isWhole(manifest, objects.list(folder))) {
            throw new IOException("chunks of " + description + " went from " + place()
                    + " while it was put there; is it used by another cluster, too?");
        }
        objects.put(folder + MANIFEST, manifest.encode());
        requireNewest(description);
        removeHalfDone(description);
        return manifest.description();
    }

    private static void requireFits(int chunks, CheckpointDescription description) throws IOException {
        if (chunks > Manifest.MAX_CHUNKS) {
            throw new IOException(description + " has more data than a store of objects takes: expected at most "
                    + Manifest.MAX_CHUNKS + " chunks of " + ChunkCodec.DATA_BYTES + " bytes");
        }
    }

    /** Whoever removes half of this one has put a later one before. */
    private void requireNewest(CheckpointDescription put) throws IOException {
        for (Sequence there : list(put.image())) {
            if (there.compareTo(put.sequence()) > 0) {
                delete(put.image(), put.sequence());
                throw new IOException(
                        put + " is not put to " + place() + ", since a later one is there, at event " + there);
            }
        }
    }

    private void removeHalfDone(CheckpointDescription behind) throws IOException {
        Set<String> keys = objects.list(behind.image() + "/").keySet();
        List<Sequence> whole = sequences(keys, "/" + MANIFEST);
        for (Sequence each : sequences(keys, "")) {
            if (each.compareTo(behind.sequence()) < 0 && !whole.contains(each)) {
                delete(behind.image(), each);
            }
        }
    }

    // ---- using

    @Override
    public void restore(CheckpointDescription description, ImageFile target, long from, CopySteps steps)
            throws IOException {
        Manifest manifest = manifest(description.image(), description.sequence());
        String folder = folder(description.image(), description.sequence());
        long length = description.content().fileLengthBytes();
        target.setLength(length);
        for (int i = Math.toIntExact(from); i < manifest.chunks().size(); i++) {
            Manifest.Chunk chunk = manifest.chunks().get(i);
            String key = folder + chunk.name(i);
            byte[] bytes = objects.get(key, ChunkCodec.MAX_BYTES)
                    .orElseThrow(() -> new CheckpointException.Damaged("the chunk " + key + " is not in " + place()));
            if (!Manifest.chunk(bytes).equals(chunk)) {
                throw new CheckpointException.Damaged("the chunk " + key + " in " + place() + " has another digest, "
                        + Manifest.chunk(bytes).sha256());
            }
            int count = ChunkCodec.write(bytes, length, target, key);
            steps.copied(i + 1L, count);
        }
    }

    // ---- removing

    @Override
    public void delete(ImageId image, Sequence sequence) throws IOException {
        String folder = folder(image, sequence);
        objects.delete(List.of(folder + MANIFEST));
        objects.delete(objects.list(folder).keySet());
    }

    @Override
    public void deleteAll(ImageId image) throws IOException {
        for (Sequence each : sequences(objects.list(image + "/").keySet(), "")) {
            delete(image, each);
        }
    }
}
