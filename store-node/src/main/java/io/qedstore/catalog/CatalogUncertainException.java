package io.qedstore.catalog;

import java.io.IOException;

/** It is not known whether a record of the catalog counts, or will; whoever wrote it has to look. */
public final class CatalogUncertainException extends IOException {
    private static final long serialVersionUID = 1;

    CatalogUncertainException(String message, Throwable cause) {
        super(message, cause);
    }
}
