package io.qedstore.qed.inspect;

/**
 * Some bytes of a file and what they are.
 *
 * @param fileOffset of the first byte
 * @param lengthBytes how many; for a run of table entries all of them
 * @param field the format's name for it, such as {@code cluster_size} or {@code l2[0][5..9]}
 * @param value as it stands there: a number, a name, the first entry of a run
 * @param meaning in words
 * @param valid whether the format allows it
 */
public record RawField(long fileOffset, long lengthBytes, String field, String value, String meaning, boolean valid) {}
