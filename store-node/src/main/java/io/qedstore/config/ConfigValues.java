package io.qedstore.config;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** The values of all keys, set or not. */
final class ConfigValues {
    private final Map<String, Setting> settings;
    /** By the names of their keys; those that are wrong or missing are not there. */
    private final Map<String, Object> values = new HashMap<>();

    private ConfigValues(Map<String, Setting> settings) {
        this.settings = settings;
    }

    /** @param problems takes what is wrong with single settings */
    static ConfigValues of(Map<String, Setting> settings, List<String> problems) {
        ConfigValues values = new ConfigValues(settings);
        Map<String, ConfigKey<?>> keys = new HashMap<>();
        NodeKeys.ALL.forEach(key -> keys.put(key.name(), key));
        for (Setting setting : settings.values()) {
            ConfigKey<?> key = keys.get(setting.key());
            if (key == null) {
                UnknownKey.problem(setting).ifPresent(problems::add);
            } else if (!values.put(key, setting.text())) {
                problems.add(values.said(key) + ", expected " + expected(key));
            }
        }
        NodeKeys.ALL.stream()
                .filter(key -> !settings.containsKey(key.name()))
                .filter(key -> !values.begin(key))
                .forEach(key -> problems.add(key.name() + " is not set, expected " + expected(key)));
        return values;
    }

    /** Whether the key has a value without being set. */
    private boolean begin(ConfigKey<?> key) {
        if (key.initial().isPresent() && !put(key, key.initial().get())) {
            throw new IllegalStateException(
                    key.name() + " begins as '" + key.initial().get() + "', expected " + expected(key));
        }
        return key.initial().isPresent();
    }

    private static String expected(ConfigKey<?> key) {
        return key.type().expected().replace('`', '\'');
    }

    private boolean put(ConfigKey<?> key, String text) {
        Optional<?> value = key.type().parse(text);
        value.ifPresent(found -> values.put(key.name(), found));
        return value.isPresent();
    }

    /** Whether none of them is wrong or missing. */
    boolean has(ConfigKey<?>... keys) {
        for (ConfigKey<?> key : keys) {
            if (!values.containsKey(key.name())) {
                return false;
            }
        }
        return true;
    }

    /** @throws IllegalStateException if it is wrong or missing */
    @SuppressWarnings("unchecked") // the key's own parser made it
    <T> T get(ConfigKey<T> key) {
        Object value = values.get(key.name());
        if (value == null) {
            throw new IllegalStateException("no value of " + key.name());
        }
        return (T) value;
    }

    /** What the key is, and who says so; the values of Kafka's other settings are nowhere in messages, so this has none. */
    String said(ConfigKey<?> key) {
        Setting setting = settings.get(key.name());
        return setting == null
                ? key.name() + " is " + key.initially().replace('`', '\'') + " where it is not set"
                : key.name() + " is '" + UnknownKey.printable(setting.text()) + "' " + setting.where();
    }

    /** What Kafka's clients are given, by Kafka's names. */
    Map<String, String> kafka() {
        Map<String, String> kafka = new TreeMap<>();
        settings.forEach((key, setting) -> {
            if (key.startsWith(NodeKeys.KAFKA)) {
                kafka.put(key.substring(NodeKeys.KAFKA.length()), setting.text().strip());
            }
        });
        return kafka;
    }
}
