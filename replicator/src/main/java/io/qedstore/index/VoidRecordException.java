package io.qedstore.index;

/** A rule is not met: the record does nothing. Never leaves {@link CatalogRules}. */
final class VoidRecordException extends Exception {
    private static final long serialVersionUID = 1;

    private final CatalogVerdict verdict;

    VoidRecordException(CatalogVerdict verdict, String reason) {
        super(reason, null, false, false);
        this.verdict = verdict;
    }

    CatalogDecision decision() {
        return CatalogDecision.isVoid(verdict, String.valueOf(getMessage()));
    }
}
