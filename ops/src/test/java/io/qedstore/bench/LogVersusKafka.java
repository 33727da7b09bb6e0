package io.qedstore.bench;

import io.qedstore.digest.Digest;
import io.qedstore.event.Epoch;
import io.qedstore.event.EventBody;
import io.qedstore.event.EventCodec;
import io.qedstore.event.ImageId;
import io.qedstore.event.LineageId;
import io.qedstore.event.LogRecord;
import io.qedstore.event.RecordHead;
import io.qedstore.event.Sequence;
import io.qedstore.index.rocksdb.RocksDbIndex;
import io.qedstore.index.rocksdb.RocksDbProgress;
import io.qedstore.kafka.EmbeddedKafka;
import io.qedstore.kafka.EmbeddedKafkaSettings;
import io.qedstore.log.kafka.KafkaLogs;
import io.qedstore.log.kafka.KafkaSettings;
import io.qedstore.log.kafka.LogDurability;
import io.qedstore.log.kafka.LogSettings;
import io.qedstore.log.kafka.ReaderSettings;
import io.qedstore.qed.change.QedChange;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Pattern;

/**
 * What a log of images costs beyond what Kafka's own clients do on the same broker: events appended by their owner, and
 * folded into a file. Ours and bare take turns, and change who is first; the first rounds do not count.
 *
 * <p>Arguments: a folder, rounds, seconds for each figure at most, and which lines of the table, as a regular expression.
 */
final class LogVersusKafka {
    private static final LogSettings KEPT = new LogSettings(1, 1, LogDurability.PAGE_CACHE);
    private static final long MAX_APPENDED_BYTES = 512L << 20;
    private static final long SYNC_EVERY_BYTES = 32 << 20;
    private static final int FILLING_IN_FLIGHT = 64;
    /** Until Java has compiled most of both. */
    private static final int WARMING_ROUNDS = 3;
    /** Long before a log is deleted that an owner has read once. */
    private static final Duration LET_GO = Duration.ofSeconds(1);

    private static final String MB = "MB/s";
    private static final double MILLION = 1e6;

    private final Path folder;
    private final int rounds;
    private final double seconds;
    private final Pattern lines;
    private final String servers;
    private final KafkaLogs logs;

    private LogVersusKafka(String[] arguments, String servers, KafkaLogs logs) {
        folder = Path.of(arguments[0]);
        rounds = Integer.parseInt(arguments[1]);
        seconds = Double.parseDouble(arguments[2]);
        lines = Pattern.compile(arguments[3]);
        this.servers = servers;
        this.logs = logs;
    }

    public static void main(String[] arguments) throws Exception {
        EmbeddedKafkaSettings settings =
                EmbeddedKafkaSettings.one(Path.of(arguments[0], "kafka")).with("log.segment.delete.delay.ms", "1000");
        try (EmbeddedKafka kafka = EmbeddedKafka.start(settings);
                KafkaLogs logs = KafkaLogs.connect(KafkaSettings.of("bench", kafka.bootstrapServers())
                        .with(ReaderSettings.standard().withIdle(LET_GO)))) {
            new LogVersusKafka(arguments, kafka.bootstrapServers(), logs).run();
        }
    }

    private void run() throws Exception {
        Comparison.printHead();
        for (int images : new int[] {1, 100}) {
            boolean many = images > 1;
            append(images, 4 << 10, many ? 400 : 64);
            append(images, 64 << 10, many ? 200 : 64);
            append(images, 512 << 10, many ? 100 : 16);
        }
        fold(64 << 10, 1L << 30);
        fold(4 << 10, 256L << 20);
    }

    // ---- appending

    private void append(int images, int pieceBytes, int inFlight) throws Exception {
        String what = "append " + (pieceBytes >> 10) + " KiB, " + images + (images == 1 ? " image" : " images");
        Comparison p50 = new Comparison(what + ", one at a time, p50", "µs");
        Comparison p99 = new Comparison(what + ", one at a time, p99", "µs");
        Comparison bytes = new Comparison(what + ", " + inFlight + " under way", MB);
        if (!lines.matcher(what).find()) {
            return;
        }
        try (Appending ours = new OwnedImages(logs, KEPT, images, new RandomData(pieceBytes));
                Appending bare = new BareTopics(logs, servers, KEPT, images, eventBytes(pieceBytes))) {
            for (int round = 0; round < WARMING_ROUNDS + rounds; round++) {
                boolean counts = round >= WARMING_ROUNDS;
                boolean oursFirst = round % 2 == 0;
                Pair alone = pair(ours, bare, load(images, 1, pieceBytes), oursFirst);
                Pair many = pair(ours, bare, load(images, inFlight, pieceBytes), oursFirst);
                if (counts) {
                    p50.add(alone.ours.p50Micros(), alone.bare.p50Micros());
                    p99.add(alone.ours.p99Micros(), alone.bare.p99Micros());
                    bytes.add(many.ours.bytesPerSecond() / MILLION, many.bare.bytesPerSecond() / MILLION);
                }
            }
        }
        p50.print();
        p99.print();
        bytes.print();
    }

    private AppendLoad load(int images, int inFlight, int pieceBytes) {
        return new AppendLoad(images, inFlight, pieceBytes, seconds, MAX_APPENDED_BYTES);
    }

    private record Pair(AppendLoad.Measured ours, AppendLoad.Measured bare) {}

    private static Pair pair(Appending ours, Appending bare, AppendLoad load, boolean oursFirst) throws Exception {
        if (oursFirst) {
            AppendLoad.Measured our = load.run(ours);
            return new Pair(our, load.run(bare));
        }
        AppendLoad.Measured theirs = load.run(bare);
        return new Pair(load.run(ours), theirs);
    }

    /** How long a record with so much data is. */
    static int eventBytes(int pieceBytes) {
        QedChange change = new QedChange.DataWritten(1 << 30, new RandomData(pieceBytes).next());
        RecordHead head = new RecordHead(ImageId.of(1, 2), LineageId.of(3, 4), new Epoch(1));
        long micros = Instant.now().toEpochMilli() * 1_000;
        return EventCodec.encode(new LogRecord.Event(
                        head, new Sequence(1 << 14), Digest.NONE, micros, EventBody.of(List.of(), List.of(change))))
                .length;
    }

    // ---- folding

    private void fold(int pieceBytes, long logBytes) throws Exception {
        String what = "fold " + (pieceBytes >> 10) + " KiB, log of " + (logBytes >> 20) + " MiB";
        if (!lines.matcher(what).find()) {
            return;
        }
        Comparison figures = new Comparison(what, MB);
        ExecutorService executor = Executors.newFixedThreadPool(2);
        try (OwnedImages images = new OwnedImages(logs, KEPT, 1, new RandomData(pieceBytes));
                RocksDbIndex index = RocksDbIndex.open(folder.resolve("index-" + pieceBytes));
                RocksDbProgress progress = RocksDbProgress.open(index)) {
            long pieces = logBytes / pieceBytes;
            new AppendLoad(1, FILLING_IN_FLIGHT, pieceBytes, Integer.MAX_VALUE, logBytes).run(images);
            Path ours = folder.resolve("folded");
            Path bare = folder.resolve("consumed");
            long records = images.log(0).range().endOffset();
            Timed fold = () -> FollowedFile.fold(
                    images.log(0), images.id(0), pieces + 1, ours, progress, executor, SYNC_EVERY_BYTES);
            Timed consume = () ->
                    ConsumedFile.consume(servers, images.name(0).topic(), records, pieceBytes, bare, SYNC_EVERY_BYTES);
            for (int round = 0; round <= rounds; round++) {
                boolean oursFirst = round % 2 == 0;
                double first = (oursFirst ? fold : consume).seconds();
                double second = (oursFirst ? consume : fold).seconds();
                if (round > 0) {
                    double our = oursFirst ? first : second;
                    double theirs = oursFirst ? second : first;
                    figures.add(logBytes / our / MILLION, logBytes / theirs / MILLION);
                } else if (Files.mismatch(ours, bare) >= 0) {
                    throw new IllegalStateException(ours + " and " + bare + " differ");
                }
                Files.delete(ours);
                Files.delete(bare);
                progress.forget(images.id(0));
            }
        } finally {
            executor.shutdown();
        }
        figures.print();
    }

    /** Something that takes time. */
    private interface Timed {
        void run() throws Exception;

        default double seconds() throws Exception {
            long start = System.nanoTime();
            run();
            return (System.nanoTime() - start) / 1e9;
        }
    }
}
