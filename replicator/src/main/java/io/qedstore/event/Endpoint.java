package io.qedstore.event;

/** Where a node is reached, as its clients write it: 1 to 255 printable characters of ASCII, no spaces. */
public record Endpoint(String value) {
    public static final int MAX_LENGTH = 255;

    public Endpoint {
        if (value.isEmpty() || value.length() > MAX_LENGTH) {
            throw new IllegalArgumentException(
                    "an endpoint of " + value.length() + " characters, expected 1 to " + MAX_LENGTH);
        }
        for (int i = 0; i < value.length(); i++) {
            if (value.charAt(i) <= ' ' || value.charAt(i) > '~') {
                throw new IllegalArgumentException(
                        String.format("an endpoint with U+%04X as character %d", (int) value.charAt(i), i + 1)
                                + "; expected printable characters of ASCII, no spaces");
            }
        }
    }

    @Override
    public String toString() {
        return value;
    }
}
