package io.qedstore.checkpoint;

import io.qedstore.event.ImageId;
import io.qedstore.event.NodeId;
import io.qedstore.event.Sequence;
import io.qedstore.qed.file.FileView;
import io.qedstore.qed.file.ImageFile;
import java.io.IOException;
import java.util.List;
import java.util.Set;

/**
 * Where checkpoints lie. A checkpoint is there as a whole or not at all, whenever whoever puts or deletes it is killed. All methods
 * wait for the disk or the network; those on different checkpoints may be called by many threads.
 */
public interface CheckpointStore {
    /** What the catalog calls this store: a node's name, or one like it. */
    NodeId holder();

    /** For people: where it is. */
    String place();

    /** The images of which there may be something, be it only the beginning of a checkpoint. */
    Set<ImageId> images() throws IOException;

    /** The checkpoints of an image that are whole, in ascending order. */
    List<Sequence> list(ImageId image) throws IOException;

    /** @throws CheckpointException if it is not there, or cannot be used */
    CheckpointDescription describe(ImageId image, Sequence sequence) throws IOException;

    /**
     * Keeps a copy of a file; durable when it returns. One that is there already stays. What an earlier call left half done is gone
     * on with, or removed.
     *
     * @param source must not change meanwhile
     * @return the description with what it takes up here
     */
    CheckpointDescription put(CheckpointDescription description, FileView source, CopySteps steps) throws IOException;

    /**
     * Fills a file with a checkpoint's bytes. Not synced.
     *
     * @param target empty if {@code from} is 0, else as the call before left it
     * @param from 0, or what an earlier call has come to
     * @throws CheckpointException.Damaged if bytes are not what was put; not every damage is noticed here, so the content has to be
     *     compared afterwards
     */
    void restore(CheckpointDescription description, ImageFile target, long from, CopySteps steps) throws IOException;

    /** Removes one, if it is there; durable when it returns. */
    void delete(ImageId image, Sequence sequence) throws IOException;

    /** Removes all of an image, half done ones too. */
    void deleteAll(ImageId image) throws IOException;
}
