package io.qedstore.index.rocksdb;

import io.qedstore.index.IndexException;
import io.qedstore.qed.file.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.BufferUnderflowException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;

/**
 * The folder of a database: made, or opened and looked at.
 *
 * <p>It is made under another name and renamed when it is whole, so a folder that lacks something is damaged: nothing is ever
 * made anew in a folder that holds anything.
 */
final class StoreFolder {
    /** Goes up with every change of {@link Keys}, {@link Values} or {@link Family}. */
    static final int FORMAT_VERSION = 2;

    private static final String UNFINISHED = ".new";

    static {
        loadLibrary();
    }

    private final Path folder;
    private final Failures failures;

    StoreFolder(Path folder) {
        this.folder = folder.toAbsolutePath().normalize();
        this.failures = new Failures(this.folder);
    }

    /** RocksDB unpacks its native code into a file, which it needs only to load it, and which a program that is killed would leave. */
    private static void loadLibrary() {
        try {
            Path unpacked = Files.createTempDirectory("qedstore-rocksdb-");
            try {
                NativeLibraryLoader.getInstance().loadLibrary(unpacked.toString());
            } finally {
                DurableFile.removeAll(unpacked);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(
                    "RocksDB's native code cannot be unpacked; is there room for temporary files?", e);
        }
        RocksDB.loadLibrary(); // what else belongs to it
    }

    /** Opens the database, or makes it if the folder is not there or empty. */
    Store open() throws IOException {
        if (isEmpty()) {
            create();
        }
        if (!Files.exists(folder.resolve("CURRENT"))) {
            throw failures.damaged("the file CURRENT is missing");
        }
        return openExisting();
    }

    private boolean isEmpty() throws IOException {
        if (!Files.exists(folder)) {
            return true;
        }
        try (Stream<Path> files = Files.list(folder)) {
            return files.findAny().isEmpty();
        }
    }

    private void create() throws IOException {
        Path unfinished = folder.resolveSibling(folder.getFileName() + UNFINISHED);
        DurableFile.removeAll(unfinished);
        Files.createDirectories(unfinished);
        List<byte[]> names =
                Stream.of(Family.values()).map(Family::storedNameBytes).toList();
        try (Store store = openDatabase(unfinished, names, true)) {
            store.writeSynced(batch -> batch.put(Family.DEFAULT, Keys.FORMAT, Values.format(FORMAT_VERSION)));
        } catch (RocksDBException e) {
            throw failures.of(e);
        }
        DurableFile.rename(unfinished, folder);
    }

    private Store openExisting() throws IOException {
        Store store;
        List<String> missing;
        try (Options options = new Options()) {
            List<byte[]> names = RocksDB.listColumnFamilies(options, folder.toString());
            if (names.isEmpty()) {
                // It could not be read. Why, only opening says.
                names = allFamilies();
            }
            store = openDatabase(folder, names, false);
            missing = missing(names);
        } catch (RocksDBException e) {
            throw failures.of(e);
        }
        try {
            check(store, missing);
            return store;
        } catch (IOException e) {
            store.close();
            throw e;
        }
    }

    /** The format first: that of a newer version may have other column families. */
    private void check(Store store, List<String> missing) throws IndexException {
        int version;
        try (View view = store.view()) {
            version = view.get(Family.DEFAULT, Keys.FORMAT, (key, value) -> Values.format(value))
                    .orElseThrow(() -> failures.damaged("it does not say its format"));
        } catch (BufferUnderflowException e) {
            throw failures.damaged("its format is none", e);
        }
        if (version > FORMAT_VERSION) {
            throw failures.newer("its format is " + version + ", expected at most " + FORMAT_VERSION);
        }
        if (version < FORMAT_VERSION) {
            throw failures.damaged("its format is " + version + ", expected " + FORMAT_VERSION);
        }
        if (!missing.isEmpty()) {
            throw failures.damaged("column families are missing: " + missing);
        }
    }

    private static List<byte[]> allFamilies() {
        return Stream.of(Family.values()).map(Family::storedNameBytes).toList();
    }

    private static List<String> missing(List<byte[]> names) {
        List<String> there = names.stream()
                .map(name -> new String(name, StandardCharsets.US_ASCII))
                .toList();
        return Stream.of(Family.values())
                .map(Family::storedName)
                .filter(name -> !there.contains(name))
                .toList();
    }

    /** Opens all column families that there are, also those of another version: RocksDB asks for that. */
    private Store openDatabase(Path path, List<byte[]> names, boolean create) throws RocksDBException {
        Settings settings = new Settings(create);
        List<ColumnFamilyHandle> handles = new ArrayList<>();
        try {
            List<ColumnFamilyDescriptor> descriptors = names.stream()
                    .map(name -> new ColumnFamilyDescriptor(name, settings.family()))
                    .toList();
            RocksDB database = RocksDB.open(settings.database(), path.toString(), descriptors, handles);
            Map<Family, ColumnFamilyHandle> families = new EnumMap<>(Family.class);
            for (int i = 0; i < names.size(); i++) {
                ColumnFamilyHandle handle = handles.get(i);
                String name = new String(names.get(i), StandardCharsets.US_ASCII);
                Stream.of(Family.values())
                        .filter(family -> family.storedName().equals(name))
                        .findFirst()
                        .ifPresentOrElse(family -> families.put(family, handle), handle::close);
            }
            return new Store(database, families, settings, failures);
        } catch (RocksDBException e) {
            handles.forEach(ColumnFamilyHandle::close);
            settings.close();
            throw e;
        }
    }
}
