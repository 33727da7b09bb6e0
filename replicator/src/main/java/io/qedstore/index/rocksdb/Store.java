package io.qedstore.index.rocksdb;

import io.qedstore.index.IndexException;
import java.util.EnumMap;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.TickerType;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/**
 * An open database: reads at one moment, batches of changes, numbers about itself.
 *
 * <p>Any thread may call. Closing waits for reads and writes that are under way; none begins afterwards, since native code
 * would not notice that the database is gone.
 */
final class Store implements AutoCloseable {
    private final RocksDB database;
    private final EnumMap<Family, ColumnFamilyHandle> families;
    private final Settings settings;
    private final Failures failures;
    private final WriteOptions synced = new WriteOptions().setSync(true);
    private final WriteOptions unsynced = new WriteOptions();
    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong syncedBatches = new AtomicLong();

    /** Read: somebody uses the database. Write: it is closed. */
    private final ReentrantReadWriteLock use = new ReentrantReadWriteLock();

    private boolean closed;

    /** Takes all of it over. */
    Store(RocksDB database, Map<Family, ColumnFamilyHandle> families, Settings settings, Failures failures) {
        this.database = database;
        this.families = new EnumMap<>(families);
        this.settings = settings;
        this.failures = failures;
    }

    /** What stands there now, until the view is closed. */
    View view() throws IndexException {
        enter();
        return new View(database, families, failures, use.readLock()::unlock);
    }

    /** One value, as it is now; null if there is none. */
    byte @Nullable [] get(Family family, byte[] key) throws IndexException {
        enter();
        try {
            return database.get(Objects.requireNonNull(families.get(family)), key);
        } catch (RocksDBException e) {
            throw failures.of(e);
        } finally {
            use.readLock().unlock();
        }
    }

    /** Survives the end of the process, and with the next synced batch, the end of the machine. */
    void write(Batch changes) throws IndexException {
        write(changes, unsynced);
        batches.incrementAndGet();
    }

    /** Survives the end of the machine, with all that was written before. */
    void writeSynced(Batch changes) throws IndexException {
        write(changes, synced);
        syncedBatches.incrementAndGet();
    }

    private void write(Batch changes, WriteOptions options) throws IndexException {
        enter();
        try (WriteBatch batch = new WriteBatch()) {
            changes.fill(new BatchWriter(batch, families));
            database.write(options, batch);
        } catch (RocksDBException e) {
            throw failures.of(e);
        } finally {
            use.readLock().unlock();
        }
    }

    Failures failures() {
        return failures;
    }

    /** Numbers by name: bytes, counts since the opening, and estimates of how many keys there are. */
    Map<String, Long> statistics() throws IndexException {
        enter();
        try {
            Map<String, Long> numbers = new TreeMap<>();
            numbers.put("batches", batches.get());
            numbers.put("synced_batches", syncedBatches.get());
            numbers.put("block_cache_bytes", settings.cache().getUsage());
            numbers.put("unwritten_bytes", database.getAggregatedLongProperty("rocksdb.cur-size-all-mem-tables"));
            numbers.put("table_reader_bytes", database.getAggregatedLongProperty("rocksdb.estimate-table-readers-mem"));
            numbers.put("table_file_bytes", database.getAggregatedLongProperty("rocksdb.total-sst-files-size"));
            numbers.put("background_errors", database.getLongProperty("rocksdb.background-errors"));
            numbers.put("log_syncs", settings.statistics().getTickerCount(TickerType.WAL_FILE_SYNCED));
            numbers.put("written_bytes", settings.statistics().getTickerCount(TickerType.BYTES_WRITTEN));
            numbers.put("block_cache_hits", settings.statistics().getTickerCount(TickerType.BLOCK_CACHE_HIT));
            numbers.put("block_cache_misses", settings.statistics().getTickerCount(TickerType.BLOCK_CACHE_MISS));
            numbers.put("stalled_micros", settings.statistics().getTickerCount(TickerType.STALL_MICROS));
            for (Map.Entry<Family, ColumnFamilyHandle> family : families.entrySet()) {
                numbers.put(
                        "keys_" + family.getKey().storedName(),
                        database.getLongProperty(family.getValue(), "rocksdb.estimate-num-keys"));
            }
            return numbers;
        } catch (RocksDBException e) {
            throw failures.of(e);
        } finally {
            use.readLock().unlock();
        }
    }

    private void enter() throws IndexException {
        use.readLock().lock();
        if (closed) {
            use.readLock().unlock();
            throw failures.closed();
        }
    }

    @Override
    public void close() {
        use.writeLock().lock();
        try {
            if (closed) {
                return;
            }
            closed = true;
            families.values().forEach(ColumnFamilyHandle::close);
            database.close();
            synced.close();
            unsynced.close();
            settings.close();
        } finally {
            use.writeLock().unlock();
        }
    }

    /** Says what a batch changes. */
    @FunctionalInterface
    interface Batch {
        void fill(BatchWriter writer) throws RocksDBException, IndexException;
    }
}
