package io.qedstore.nbd;

import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;

/** What block status can tell. */
enum MetaContext {
    BASE_ALLOCATION(0, "base:", "allocation"),
    ALLOCATION_DEPTH(1, "qemu:", "allocation-depth");

    private final int id;
    private final String namespace;
    private final String leaf;

    MetaContext(int id, String namespace, String leaf) {
        this.id = id;
        this.namespace = namespace;
        this.leaf = leaf;
    }

    String contextName() {
        return namespace + leaf;
    }

    /** By which block status replies name the context. */
    int id() {
        return id;
    }

    /** The contexts that these queries select; what means nothing here is passed over. */
    static Set<MetaContext> selected(List<String> queries) {
        Set<MetaContext> selected = EnumSet.noneOf(MetaContext.class);
        Arrays.stream(values())
                .filter(context -> queries.contains(context.contextName()))
                .forEach(selected::add);
        return selected;
    }

    /** The contexts that these queries ask to be listed: a namespace alone means all in it, no query at all means all. */
    static Set<MetaContext> listed(List<String> queries) {
        if (queries.isEmpty()) {
            return EnumSet.allOf(MetaContext.class);
        }
        Set<MetaContext> listed = selected(queries);
        Arrays.stream(values())
                .filter(context -> queries.contains(context.namespace))
                .forEach(listed::add);
        return listed;
    }
}
