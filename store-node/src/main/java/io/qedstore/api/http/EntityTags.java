package io.qedstore.api.http;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The entity tags of a condition (RFC 9110, sections 8.8.3 and 13.1).
 *
 * @param any whether it was {@code *}
 * @param strong without their quotes; weak ones are no tags of ours
 */
record EntityTags(boolean any, List<String> strong) {
    private static final Pattern TAG = Pattern.compile("(W/)?\"([\\x21\\x23-\\x7e\\x80-\\xff]*)\"");

    EntityTags {
        strong = List.copyOf(strong);
    }

    static EntityTags parse(String header) {
        List<String> strong = new ArrayList<>();
        for (Matcher tags = TAG.matcher(header); tags.find(); ) {
            if (tags.group(1) == null) {
                strong.add(tags.group(2));
            }
        }
        return new EntityTags(header.strip().equals("*"), strong);
    }

    static String quoted(String tag) {
        return '"' + tag + '"';
    }
}
