package io.qedstore.event;

/** What people call an image: 1 to 128 letters, digits, {@code . _ -}, beginning with a letter or a digit. */
public record ImageName(String value) implements Comparable<ImageName> {
    public ImageName {
        NameRule.check("an image name", value);
    }

    /** By ASCII. */
    @Override
    public int compareTo(ImageName other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
