package io.qedstore.node;

import io.qedstore.event.ImageSettings.CacheMode;
import io.qedstore.event.NodeId;
import io.qedstore.owner.Tenure;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What an owner's export says of itself, to people and to the nodes that forward requests to it:
 * {@code owned by node n2, tenure=ID, after=ID, cache=writeback}.
 *
 * @param tenure empty where an older program does not say it
 * @param isWritethrough whether what it answers is durable; where that is not said, it is not
 */
record OwnerDescription(String owner, Optional<Tenure> tenure, boolean isWritethrough) {
    private static final String ID = "(\\p{XDigit}{8}(?:-\\p{XDigit}{4}){3}-\\p{XDigit}{12})";
    private static final Pattern FORM =
            Pattern.compile("(.*?)(?:, tenure=" + ID + "(?:, after=" + ID + ")?)?, cache=([a-z]+)", Pattern.DOTALL);

    static OwnerDescription of(NodeId node, Tenure tenure, CacheMode cache) {
        return new OwnerDescription("owned by node " + node, Optional.of(tenure), cache == CacheMode.WRITETHROUGH);
    }

    static OwnerDescription parse(String text) {
        Matcher found = FORM.matcher(text);
        if (!found.matches()) {
            return new OwnerDescription(text, Optional.empty(), false);
        }
        Optional<Tenure> tenure = Optional.ofNullable(found.group(2))
                .map(id -> new Tenure(
                        UUID.fromString(id), Optional.ofNullable(found.group(3)).map(UUID::fromString)));
        return new OwnerDescription(found.group(1), tenure, found.group(4).equals(name(CacheMode.WRITETHROUGH)));
    }

    private static String name(CacheMode cache) {
        return cache.name().toLowerCase(Locale.ROOT);
    }

    /** Whether all that the owner which said this of itself before has answered is there, flushed or not. */
    boolean hasAllOf(OwnerDescription before) {
        return tenure.isPresent()
                && before.tenure().isPresent()
                && tenure.get().hasAllOf(before.tenure().get());
    }

    @Override
    public String toString() {
        String ids = tenure.map(known -> ", tenure=" + known.id()
                        + known.after().map(id -> ", after=" + id).orElse(""))
                .orElse("");
        return owner + ids + ", cache=" + name(isWritethrough ? CacheMode.WRITETHROUGH : CacheMode.WRITEBACK);
    }
}
