package io.qedstore.config;

import io.qedstore.log.kafka.KafkaSettings;
import java.util.Collection;
import java.util.Optional;
import java.util.TreeSet;
import java.util.regex.Pattern;

/** Judges keys that are not in the table, and what of keys and values may be shown. */
final class UnknownKey {
    private static final Pattern ORDINARY = Pattern.compile("[a-z][a-z0-9._-]{0,63}");
    private static final Pattern KAFKA_SECRETS = Pattern.compile("(?s)kafka\\.(sasl|ssl|security)\\..*");
    private static final Collection<String> KNOWN = known();
    /** A plug-in of Kafka may have settings of its own, but hardly one that looks like one of Kafka's. */
    private static final int MOST_SLIPS_IN_KAFKA = 2;

    private UnknownKey() {}

    /** What is wrong with it; nothing if it goes to Kafka's clients. */
    static Optional<String> problem(Setting setting) {
        String key = setting.key();
        boolean kafka = key.startsWith(NodeKeys.KAFKA);
        boolean canBeSet = kafka && KafkaSettings.canBeSet(key.substring(NodeKeys.KAFKA.length()));
        if (canBeSet && KNOWN.contains(key)) {
            return Optional.empty();
        }
        Optional<String> meant = NearestName.of(key, KNOWN, kafka ? MOST_SLIPS_IN_KAFKA : 2 + key.length() / 4);
        if (meant.isPresent()) {
            return Optional.of("unknown key '" + onOneLine(key) + "' " + setting.where() + "; did you mean '"
                    + meant.get() + "'?");
        } else if (canBeSet) {
            return Optional.empty();
        } else if (kafka) {
            return Optional.of(shown(key) + " " + setting.where() + " cannot be set; of Kafka's settings, expected "
                    + NodeKeys.KAFKA_OTHERS);
        }
        return Optional.of("unknown key " + shown(key) + " " + setting.where());
    }

    /**
     * The key in quotes, unless it looks like none: the lines of a key in PEM or of a password, where the backslashes between
     * them were forgotten, look like keys too.
     */
    static String shown(String key) {
        return ORDINARY.matcher(key).matches() ? "'" + key + "'" : "(not shown: it does not look like one)";
    }

    /** The value, without the next setting, which is part of it after a backslash too many. */
    static String printable(String text) {
        return onOneLine(KAFKA_SECRETS.matcher(text).replaceFirst("... (not shown: another key)"));
    }

    private static String onOneLine(String text) {
        return text.replaceAll("\\p{IsControl}", "?");
    }

    private static Collection<String> known() {
        Collection<String> known = new TreeSet<>();
        NodeKeys.ALL.forEach(key -> known.add(key.name()));
        KafkaSettings.known().forEach(key -> known.add(NodeKeys.KAFKA + key));
        return known;
    }
}
