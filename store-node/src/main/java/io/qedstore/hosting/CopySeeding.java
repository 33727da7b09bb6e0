package io.qedstore.hosting;

import io.qedstore.event.NodeId;
import io.qedstore.fold.FoldState;
import io.qedstore.fold.Seed;
import io.qedstore.index.CatalogImage;
import io.qedstore.log.EventLog;
import io.qedstore.log.LogBatch;
import io.qedstore.log.LogException;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.replica.Seeding;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/** The making of this node's copy of an image from the other nodes' copies, which are asked in turn. */
final class CopySeeding implements SeedQueue.Job {
    /** A log of fewer records is read from its beginning instead. */
    private static final long SHORT_LOG_RECORDS = 1000;

    private final Host host;
    private final CatalogImage image;
    private final List<NodeId> others;
    private final ChannelImageFile file;
    private final Seeding seeding;
    private final Consumer<Optional<IOException>> ended;
    private final AtomicInteger asked = new AtomicInteger();
    private final StillWanted wanted;
    private volatile boolean copied;

    /** How a copy is begun. */
    enum Beginning {
        /** From the log's first record on. */
        LOG,
        /** From a copy, or from the log if none can be had. */
        COPY_OR_LOG,
        /** From a copy: the log does not reach back. */
        COPY
    }

    private CopySeeding(
            Host host,
            CatalogImage image,
            ChannelImageFile file,
            Seeding seeding,
            Consumer<Optional<IOException>> ended) {
        this.host = host;
        this.image = image;
        this.others = others(host, image);
        this.file = file;
        this.seeding = seeding;
        this.ended = ended;
        this.wanted = new StillWanted(host, image);
    }

    /** The nodes besides this one on which an image is placed. */
    static List<NodeId> others(Host host, CatalogImage image) {
        return image.placement().nodes().stream()
                .filter(node -> !node.equals(host.self()))
                .toList();
    }

    /** How a copy of which there is nothing yet, or a part, is best begun. Fails if the log does not answer. */
    static CompletionStage<Beginning> beginning(Host host, CatalogImage image) throws IOException {
        if (host.progress().seed(image.id()).isPresent()) {
            return CompletableFuture.completedFuture(Beginning.COPY);
        }
        EventLog log = host.logs().open(image.id());
        CompletableFuture<Beginning> answer = new CompletableFuture<>();
        FoldState start = FoldState.start(image.id(), image.lineage(), log.topicId());
        log.read(start.position(), EventLog.AtEnd.ANSWER, new EventLog.ReadCallback() {
            @Override
            public void read(LogBatch batch) {
                answer.complete(batch.endOffset() < SHORT_LOG_RECORDS ? Beginning.LOG : Beginning.COPY_OR_LOG);
            }

            @Override
            public void failed(LogException cause) {
                if (cause instanceof LogException.Gap) {
                    answer.complete(Beginning.COPY);
                } else {
                    answer.completeExceptionally(cause);
                }
            }
        });
        return answer;
    }

    /**
     * Begins, or goes on where an earlier one has ended.
     *
     * @param ended told once, by any thread, with the reason if the copy is not whole
     */
    static CopySeeding begin(Host host, CatalogImage image, Consumer<Optional<IOException>> ended) throws IOException {
        EventLog log = host.logs().open(image.id());
        FoldState start = FoldState.start(image.id(), image.lineage(), log.topicId());
        ChannelImageFile file = ChannelImageFile.createOrOpen(host.files().of(image.id()));
        try {
            Seeding seeding = new Seeding(start, host.progress(), file);
            CopySeeding begun = new CopySeeding(host, image, file, seeding, ended);
            host.seeds().add(begun);
            return begun;
        } catch (IOException e) {
            file.close();
            throw e;
        }
    }

    /** Whether it has come any further. */
    boolean hasCopied() {
        return copied;
    }

    @Override
    public void cancel() {
        wanted.cancel();
    }

    @Override
    public String state() {
        NodeId from = others.get(asked.get() % others.size());
        return seeding.seed()
                .map(seed -> "seeding " + percent(seed) + " % from node " + from)
                .orElse("seeding from node " + from);
    }

    private static long percent(Seed seed) {
        return seed.lengthBytes() == 0 ? 100 : seed.next() * 100 / seed.lengthBytes();
    }

    @Override
    public boolean step(ByteRate rate) throws IOException {
        IOException last = new IOException("it is placed on no other node");
        for (int tried = 0; tried < others.size(); tried++) {
            NodeId node = others.get(asked.get() % others.size());
            try {
                boolean isWhole = seeding.step(
                        (from, maxDataBytes) -> {
                            wanted.require();
                            return host.others().open(node, image.id(), from, maxDataBytes);
                        },
                        bytes -> rate.take(bytes, wanted));
                copied = true;
                return isWhole;
            } catch (IOException e) {
                wanted.require(); // else it was not the node's fault
                asked.incrementAndGet();
                last = new IOException("node " + node + " gives no copy: " + e.getMessage(), e);
            }
        }
        throw last;
    }

    @Override
    public void done() {
        end(Optional.empty());
    }

    @Override
    public void failed(IOException cause) {
        end(Optional.of(cause));
    }

    private void end(Optional<IOException> why) {
        Optional<IOException> told = why;
        try {
            file.close();
        } catch (IOException e) {
            told = Optional.of(e);
        }
        ended.accept(told);
    }
}
