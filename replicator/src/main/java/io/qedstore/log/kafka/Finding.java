package io.qedstore.log.kafka;

import java.util.List;
import java.util.stream.Collectors;

/**
 * A setting of Kafka that is not as it should be.
 *
 * @param where which topic or broker
 * @param setting by Kafka's name
 * @param costs what it may do to images
 * @param remedy what to do about it
 */
public record Finding(
        Severity severity, String where, String setting, String found, String expected, String costs, String remedy) {
    /** How bad it is. */
    public enum Severity {
        /** Acknowledged records may be lost, or no record be taken: such a log is not opened. */
        REFUSE,
        /** It works, with a risk or a cost that should be known. */
        WARN
    }

    static List<Finding> refused(List<Finding> findings) {
        return findings.stream()
                .filter(finding -> finding.severity == Severity.REFUSE)
                .toList();
    }

    static String text(List<Finding> findings) {
        return findings.stream().map(Finding::toString).collect(Collectors.joining("; "));
    }

    @Override
    public String toString() {
        return where + ": " + setting + " is " + found + ", expected " + expected + ": " + costs + "; " + remedy;
    }
}
