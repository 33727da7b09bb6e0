package io.qedstore.index;

import java.util.List;

/**
 * What a record of the catalog does.
 *
 * @param reason why it is void, for people; empty if it is not
 * @param changes none if it is void
 */
public record CatalogDecision(CatalogVerdict verdict, String reason, List<CatalogChange> changes) {
    public CatalogDecision {
        changes = List.copyOf(changes);
    }

    static CatalogDecision applied(CatalogChange... changes) {
        return new CatalogDecision(CatalogVerdict.APPLIED, "", List.of(changes));
    }

    static CatalogDecision isVoid(CatalogVerdict verdict, String reason) {
        return new CatalogDecision(verdict, reason, List.of());
    }
}
