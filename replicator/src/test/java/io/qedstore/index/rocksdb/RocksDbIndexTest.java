package io.qedstore.index.rocksdb;

import io.qedstore.index.MetadataIndexContract;
import io.qedstore.index.WritableIndex;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;

/** The index on a disk does what every index does. */
class RocksDbIndexTest extends MetadataIndexContract {
    private RocksDbIndex index;

    @BeforeEach
    void open(@TempDir Path folder) throws IOException {
        index = RocksDbIndex.open(folder.resolve("index"));
    }

    @AfterEach
    void close() {
        index.close();
    }

    @Override
    protected WritableIndex index() {
        return index;
    }
}
