package io.qedstore.index;

/** The double does what the real one does. */
class InMemoryIndexTest extends MetadataIndexContract {
    private final InMemoryIndex index = new InMemoryIndex();

    @Override
    protected WritableIndex index() {
        return index;
    }
}
