package io.qedstore.nbd;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Exports that never change. The first one is the default, which the empty name means too. */
public final class FixedExports implements Exports {
    private final Map<String, Export> byName = new LinkedHashMap<>();
    private final @Nullable Export first;

    public FixedExports(List<Export> exports) {
        for (Export export : exports) {
            if (byName.put(export.name(), export) != null) {
                throw new IllegalArgumentException("two exports are called '" + export.name() + "'");
            }
        }
        this.first = exports.isEmpty() ? null : exports.get(0);
    }

    @Override
    public Optional<Export> find(String name) {
        Export export = byName.get(name);
        return Optional.ofNullable(export == null && name.isEmpty() ? first : export);
    }

    @Override
    public List<Listed> list() {
        return byName.values().stream().map(Listed::of).toList();
    }
}
