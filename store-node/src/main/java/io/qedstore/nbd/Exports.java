package io.qedstore.nbd;

import java.io.IOException;
import java.util.List;
import java.util.Optional;

/** The exports of a server. Called by negotiating threads, which may wait. */
public interface Exports {
    /**
     * The export that a client means.
     *
     * @param name empty for the default export
     * @throws IOException if it exists and cannot be opened now
     */
    Optional<Export> find(String name) throws IOException;

    /** Those that are shown to clients that ask for a list. */
    List<Listed> list() throws IOException;

    /** What a list shows of an export, which need not be open for that. */
    record Listed(String name, String description, Export.Reach reach) {
        static Listed of(Export export) {
            return new Listed(export.name(), export.description(), export.reach());
        }
    }
}
