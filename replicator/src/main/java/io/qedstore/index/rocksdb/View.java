package io.qedstore.index.rocksdb;

import io.qedstore.fold.FoldState;
import io.qedstore.fold.FoldStateCodec;
import io.qedstore.fold.FoldStateException;
import io.qedstore.index.IndexException;
import java.nio.BufferUnderflowException;
import java.util.Arrays;
import java.util.Map;
import java.util.Optional;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Snapshot;

/** What stood in the database at one moment. For one thread, and short: until it is closed the database stays open. */
final class View implements AutoCloseable {
    private final RocksDB database;
    private final Map<Family, ColumnFamilyHandle> families;
    private final Failures failures;
    private final Runnable atEnd;
    private final Snapshot moment;
    private final ReadOptions options;

    View(RocksDB database, Map<Family, ColumnFamilyHandle> families, Failures failures, Runnable atEnd) {
        this.database = database;
        this.families = families;
        this.failures = failures;
        this.atEnd = atEnd;
        moment = database.getSnapshot();
        options = new ReadOptions().setSnapshot(moment);
    }

    /** Reads one value. */
    <T> Optional<T> get(Family family, byte[] key, Reader<T> reader) throws IndexException {
        try {
            byte[] value = database.get(handle(family), options, key);
            return value == null ? Optional.empty() : Optional.of(read(family, key, value, reader));
        } catch (RocksDBException e) {
            throw failures.of(e);
        }
    }

    /** Reads what stands under keys from one on, in their order, until the visitor has seen enough or the keys end. */
    void scan(Family family, byte[] from, Visitor visitor) throws IndexException {
        try (RocksIterator at = database.newIterator(handle(family), options)) {
            at.seek(from);
            while (at.isValid() && visitor.visit(at.key(), at.value())) {
                at.next();
            }
            at.status();
        } catch (RocksDBException e) {
            throw failures.of(e);
        }
    }

    /** The first entry whose key is {@code from} or behind it, if its key begins as {@code from} does for some bytes. */
    <T> Optional<T> ceiling(Family family, byte[] from, int sameBytes, Reader<T> reader) throws IndexException {
        try (RocksIterator at = database.newIterator(handle(family), options)) {
            at.seek(from);
            return entry(family, at, from, sameBytes, reader);
        } catch (RocksDBException e) {
            throw failures.of(e);
        }
    }

    /** The last entry whose key is {@code from} or before it, if its key begins as {@code from} does for some bytes. */
    <T> Optional<T> floor(Family family, byte[] from, int sameBytes, Reader<T> reader) throws IndexException {
        try (RocksIterator at = database.newIterator(handle(family), options)) {
            at.seekForPrev(from);
            return entry(family, at, from, sameBytes, reader);
        } catch (RocksDBException e) {
            throw failures.of(e);
        }
    }

    private <T> Optional<T> entry(Family family, RocksIterator at, byte[] from, int sameBytes, Reader<T> reader)
            throws RocksDBException, IndexException {
        if (!at.isValid()) {
            at.status();
            return Optional.empty();
        }
        byte[] key = at.key();
        return startsAlike(key, from, sameBytes)
                ? Optional.of(read(family, key, at.value(), reader))
                : Optional.empty();
    }

    static boolean startsAlike(byte[] key, byte[] other, int bytes) {
        return key.length >= bytes && Arrays.equals(key, 0, bytes, other, 0, bytes);
    }

    /** Makes something of an entry. */
    <T> T read(Family family, byte[] key, byte[] value, Reader<T> reader) throws IndexException {
        try {
            return reader.read(key, value);
        } catch (FoldStateException e) {
            throw failures.of(e);
        } catch (IllegalArgumentException | BufferUnderflowException | IndexOutOfBoundsException e) {
            throw failures.senseless(family, key, e);
        }
    }

    static FoldState foldState(byte[] key, byte[] value) throws FoldStateException {
        return FoldStateCodec.decode(value);
    }

    private ColumnFamilyHandle handle(Family family) {
        ColumnFamilyHandle handle = families.get(family);
        if (handle == null) {
            throw new IllegalStateException("column family " + family + " is not open");
        }
        return handle;
    }

    @Override
    public void close() {
        options.close();
        database.releaseSnapshot(moment);
        moment.close();
        atEnd.run();
    }

    /** What an entry says. */
    @FunctionalInterface
    interface Reader<T> {
        T read(byte[] key, byte[] value) throws FoldStateException;
    }

    /** Is shown entries. */
    @FunctionalInterface
    interface Visitor {
        /** @return whether it wants to see the next one */
        boolean visit(byte[] key, byte[] value) throws IndexException;
    }
}
