package io.qedstore.index.rocksdb;

import java.util.Map;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.RocksDBException;
import org.rocksdb.WriteBatch;

/** Changes that are written together or not at all. */
final class BatchWriter {
    private final WriteBatch batch;
    private final Map<Family, ColumnFamilyHandle> families;

    BatchWriter(WriteBatch batch, Map<Family, ColumnFamilyHandle> families) {
        this.batch = batch;
        this.families = families;
    }

    void put(Family family, byte[] key, byte[] value) throws RocksDBException {
        batch.put(handle(family), key, value);
    }

    void remove(Family family, byte[] key) throws RocksDBException {
        batch.delete(handle(family), key);
    }

    /** Removes {@code [from, to)}. */
    void removeRange(Family family, byte[] from, byte[] to) throws RocksDBException {
        batch.deleteRange(handle(family), from, to);
    }

    private ColumnFamilyHandle handle(Family family) {
        ColumnFamilyHandle handle = families.get(family);
        if (handle == null) {
            throw new IllegalStateException("column family " + family + " is not open");
        }
        return handle;
    }
}
