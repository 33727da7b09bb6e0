package io.qedstore.api;

import java.util.List;

/** The copies of an image: the answering node's first, then the others', in the order of their nodes. */
public record CopyList(List<CopyInfo> items) {
    public CopyList {
        items = List.copyOf(items);
    }
}
