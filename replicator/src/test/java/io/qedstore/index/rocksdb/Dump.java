package io.qedstore.index.rocksdb;

import io.qedstore.index.IndexException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** All that stands in a database, as it stands there. */
final class Dump {
    private Dump() {}

    /** Of all column families. */
    static Map<String, String> of(RocksDbIndex index) throws IndexException {
        return of(index, List.of(Family.values()));
    }

    /** What can be made again from the logs. */
    static Map<String, String> ofIndex(RocksDbIndex index) throws IndexException {
        return of(
                index,
                Stream.of(Family.values())
                        .filter(family -> family != Family.PROGRESS)
                        .toList());
    }

    private static Map<String, String> of(RocksDbIndex index, List<Family> families) throws IndexException {
        Map<String, String> entries = new TreeMap<>();
        try (View view = index.store().view()) {
            for (Family family : families) {
                view.scan(family, new byte[0], (key, value) -> {
                    entries.put(
                            family.storedName() + " " + HexFormat.of().formatHex(key),
                            HexFormat.of().formatHex(value));
                    return true;
                });
            }
        }
        return entries;
    }
}
