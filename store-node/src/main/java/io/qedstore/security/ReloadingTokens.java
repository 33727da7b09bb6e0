package io.qedstore.security;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import javax.security.auth.x500.X500Principal;

/**
 * The grants of a {@link TokenFile} as it is now: what is added or revoked there counts from the next request on. While the file cannot
 * be used nobody is let in. Safe for many threads.
 */
public final class ReloadingTokens {
    private final TokenFile file;

    // ---- guarded by this

    private FileStates states;
    private Map<String, Grant> byId;
    private Map<X500Principal, Grant> byCertificate;

    /** @throws IOException if the file cannot be used */
    public ReloadingTokens(TokenFile file) throws IOException {
        this.file = file;
        this.states = FileStates.of(List.of(file.path()));
        List<Grant> grants = file.read();
        this.byId = byId(grants);
        this.byCertificate = byCertificate(grants);
    }

    private static Map<String, Grant> byId(List<Grant> grants) {
        Map<String, Grant> byId = new HashMap<>();
        grants.stream().filter(grant -> grant.sha256().isPresent()).forEach(grant -> byId.put(grant.id(), grant));
        return byId;
    }

    private static Map<X500Principal, Grant> byCertificate(List<Grant> grants) throws IOException {
        Map<X500Principal, Grant> byCertificate = new HashMap<>();
        for (Grant grant : grants) {
            if (grant.certificate().isPresent()) {
                try {
                    byCertificate.put(new X500Principal(grant.certificate().get()), grant);
                } catch (IllegalArgumentException e) {
                    throw new IOException(
                            "grant " + grant.id() + " is for the certificate of '"
                                    + grant.certificate().get() + "', which is no subject such as CN=store2,O=example",
                            e);
                }
            }
        }
        return byCertificate;
    }

    private synchronized void look() throws IOException {
        FileStates now = FileStates.of(List.of(file.path()));
        if (!now.equals(states)) {
            List<Grant> grants = file.read();
            byId = byId(grants);
            byCertificate = byCertificate(grants);
            states = now;
        }
    }

    /** @throws IOException if the file cannot be used now */
    public synchronized Optional<Grant> find(TokenSecret token) throws IOException {
        look();
        return Optional.ofNullable(byId.get(token.id()))
                .filter(grant -> grant.sha256().filter(token::matches).isPresent());
    }

    /** @throws IOException if the file cannot be used now */
    public synchronized Optional<Grant> find(X500Principal subject) throws IOException {
        look();
        return Optional.ofNullable(byCertificate.get(subject));
    }
}
