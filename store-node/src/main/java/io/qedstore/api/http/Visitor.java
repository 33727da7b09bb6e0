package io.qedstore.api.http;

import io.qedstore.security.Grant;
import io.qedstore.security.Role;
import java.util.Optional;

/**
 * Who has sent a request.
 *
 * @param name for the audit log
 * @param grant empty where nobody is asked who they are: everybody may do everything then
 */
record Visitor(String name, Optional<Grant> grant) {
    static final Visitor ANYBODY = new Visitor("anybody", Optional.empty());

    boolean may(Role role) {
        return grant.isEmpty() || grant.get().role().includes(role);
    }

    /** Whether all images are theirs, and what is no image's. */
    boolean seesAll() {
        return grant.isEmpty() || grant.get().prefix().isEmpty();
    }

    boolean sees(String image) {
        return grant.isEmpty() || grant.get().covers(image);
    }

    /** @throws RefusedException if an image of that name is none of theirs; whether there is one is not said */
    void requireSees(String image) throws RefusedException {
        if (!sees(image)) {
            throw new RefusedException(
                    ProblemKind.FORBIDDEN,
                    name + " is for images whose names begin with '"
                            + grant.flatMap(Grant::prefix).orElse("") + "', and found '" + JsonBody.shown(image) + "'");
        }
    }

    void require(Role role, String what) throws RefusedException {
        if (!may(role)) {
            throw new RefusedException(
                    ProblemKind.FORBIDDEN,
                    name + " is a " + Access.word(grant.map(Grant::role).orElse(Role.READER)) + ", and " + what
                            + " takes the role " + Access.word(role));
        }
    }
}
