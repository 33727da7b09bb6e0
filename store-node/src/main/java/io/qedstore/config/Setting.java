package io.qedstore.config;

/**
 * What somebody has set.
 *
 * @param text its value as found
 * @param where in words that go on from the key, such as "in node.properties line 3"
 */
record Setting(String key, String text, String where) {
    /** Without its value, which may be a secret. */
    @Override
    public String toString() {
        return key + " " + where;
    }
}
