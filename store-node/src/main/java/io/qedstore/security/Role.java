package io.qedstore.security;

/** What somebody may do; each includes those before it. */
public enum Role {
    /** Look. */
    READER,
    /** Create, change and delete images, snapshots and copies. */
    OPERATOR,
    /** All: what gives up history, takes an image by force, or is of nodes. What nodes ask of each other, too. */
    ADMIN;

    public boolean includes(Role other) {
        return compareTo(other) >= 0;
    }
}
