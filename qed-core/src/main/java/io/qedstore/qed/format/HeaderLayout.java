package io.qedstore.qed.format;

/** Which of the two header layouts a file has. Nothing in the file tells; it must be said from outside. */
public enum HeaderLayout {
    /** {@link QedHeaderCodec}: every QED file in the world. */
    FINAL,

    /** {@link DraftHeader}: the first posted patch of 2010. */
    DRAFT_2010
}
