package io.qedstore.index.rocksdb;

import java.util.Properties;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.BloomFilter;
import org.rocksdb.Cache;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.Statistics;
import org.rocksdb.StatsLevel;
import org.rocksdb.WALRecoveryMode;

/**
 * How the database runs, and the native memory that it takes, which is about 24 MiB whatever its size:
 *
 * <ul>
 *   <li>8 MiB for blocks that were read, index and filter blocks among them: one cache for all column families;
 *   <li>8 MiB for what was written and is not in a table file yet, in all column families together, and as much again at most
 *       while it is written out;
 *   <li>a few KiB for each table file, of up to 64 MiB.
 * </ul>
 *
 * <p>The write-ahead log grows to 16 MiB at most, so opening reads no more than that. At opening, a record that was cut off at
 * its very end is left out, and any other that is spoiled is an error, as a missing log is: no crash takes a ceiling away that
 * was synced. All table files are opened at once, so that a missing one is noticed then. One damage is not noticed: a MANIFEST
 * that lost its end between two of its records counts as an older one, and what was written since is gone.
 */
final class Settings implements AutoCloseable {
    private static final long CACHE_BYTES = 8 << 20;
    private static final long UNWRITTEN_BYTES = 8 << 20;
    private static final long FAMILY_BUFFER_BYTES = 2 << 20;
    private static final long LOG_BYTES = 16 << 20;
    private static final double FILTER_BITS_PER_KEY = 10;

    private final Cache cache = new LRUCache(CACHE_BYTES);
    private final BloomFilter filter = new BloomFilter(FILTER_BITS_PER_KEY);
    private final Statistics statistics = new Statistics();
    private final DBOptions database;
    private final ColumnFamilyOptions family;

    Settings(boolean create) {
        statistics.setStatsLevel(StatsLevel.EXCEPT_DETAILED_TIMERS);
        database = verifyingLogs()
                .setCreateIfMissing(create)
                .setCreateMissingColumnFamilies(create)
                .setErrorIfExists(create)
                .setParanoidChecks(true)
                .setMaxOpenFiles(-1)
                .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
                .setMaxTotalWalSize(LOG_BYTES)
                .setDbWriteBufferSize(UNWRITTEN_BYTES)
                .setMaxBackgroundJobs(2)
                .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
                .setMaxLogFileSize(1 << 20)
                .setKeepLogFileNum(2)
                .setStatistics(statistics);
        family = new ColumnFamilyOptions()
                .setWriteBufferSize(FAMILY_BUFFER_BYTES)
                .setMaxWriteBufferNumber(2)
                .setCompressionType(CompressionType.LZ4_COMPRESSION)
                .setTableFormatConfig(new BlockBasedTableConfig()
                        .setBlockCache(cache)
                        .setCacheIndexAndFilterBlocks(true)
                        .setFilterPolicy(filter));
    }

    /** The setting that has no method of its own: each log says which one was before it, so that a missing one is noticed. */
    private static DBOptions verifyingLogs() {
        Properties properties = new Properties();
        properties.setProperty("track_and_verify_wals", "true");
        DBOptions options = DBOptions.getDBOptionsFromProps(properties);
        if (options == null) {
            throw new IllegalStateException("this RocksDB does not know the setting track_and_verify_wals");
        }
        return options;
    }

    DBOptions database() {
        return database;
    }

    ColumnFamilyOptions family() {
        return family;
    }

    Statistics statistics() {
        return statistics;
    }

    Cache cache() {
        return cache;
    }

    /** After the database is closed. */
    @Override
    public void close() {
        family.close();
        database.close();
        statistics.close();
        filter.close();
        cache.close();
    }
}
