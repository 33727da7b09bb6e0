package io.qedstore.checkpoint;

import java.io.IOException;
import java.util.Collection;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Objects in a map. */
public final class InMemoryObjects implements ObjectStore {
    public final TreeMap<String, byte[]> objects = new TreeMap<>();
    int puts;

    @Override
    public String place() {
        return "memory";
    }

    @Override
    public void put(String key, byte[] bytes) {
        puts++;
        objects.put(key, bytes.clone());
    }

    @Override
    public Optional<byte[]> get(String key, int maxBytes) throws IOException {
        byte[] found = objects.get(key);
        if (found != null && found.length > maxBytes) {
            throw new IOException(key + " has " + found.length + " bytes, expected at most " + maxBytes);
        }
        return Optional.ofNullable(found).map(byte[]::clone);
    }

    @Override
    public Map<String, Long> list(String prefix) {
        Map<String, Long> found = new TreeMap<>();
        objects.forEach((key, bytes) -> {
            if (key.startsWith(prefix)) {
                found.put(key, (long) bytes.length);
            }
        });
        return found;
    }

    @Override
    public void delete(Collection<String> keys) {
        keys.forEach(objects::remove);
    }
}
