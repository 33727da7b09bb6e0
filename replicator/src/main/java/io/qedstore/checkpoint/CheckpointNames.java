package io.qedstore.checkpoint;

import io.qedstore.event.Sequence;
import java.util.Locale;
import java.util.Optional;

/** What checkpoints are called: by their sequence, so that the names sort as those do. */
final class CheckpointNames {
    private static final int DIGITS = 20;

    private CheckpointNames() {}

    static String of(Sequence sequence) {
        return String.format(Locale.ROOT, "%0" + DIGITS + "d", sequence.value());
    }

    /** Empty if the name is none. */
    static Optional<Sequence> sequence(String name) {
        if (name.length() != DIGITS || !name.chars().allMatch(c -> c >= '0' && c <= '9')) {
            return Optional.empty();
        }
        try {
            Sequence sequence = new Sequence(Long.parseLong(name));
            return sequence.equals(Sequence.NONE) ? Optional.empty() : Optional.of(sequence);
        } catch (NumberFormatException e) {
            return Optional.empty(); // more than there can be
        }
    }
}
