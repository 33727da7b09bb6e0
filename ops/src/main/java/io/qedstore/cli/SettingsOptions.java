package io.qedstore.cli;

import java.util.Locale;
import java.util.Optional;
import java.util.OptionalLong;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How an image is served; what is missing is the node's to decide. */
final class SettingsOptions {
    /** In which order things survive a crash. */
    enum Cache {
        WRITETHROUGH,
        WRITEBACK
    }

    /** How many clients there may be. */
    enum Attach {
        EXCLUSIVE,
        SHARED
    }

    /** Who promotes a replica. */
    enum Failover {
        MANUAL,
        AUTO
    }

    @Option(
            names = "--cache",
            paramLabel = "MODE",
            description = "writeback: a write is durable after the next flush. writethrough: before its reply.")
    @Nullable
    Cache cache;

    @Option(
            names = "--attach",
            paramLabel = "MODE",
            description = "exclusive: one client may be attached. shared: several.")
    @Nullable
    Attach attach;

    @Option(
            names = "--failover",
            paramLabel = "MODE",
            description = "manual: an owner that is gone stays the owner until another is promoted. auto: nodes do it.")
    @Nullable
    Failover failover;

    @Option(names = "--limit-iops", paramLabel = "N", description = "Requests in a second; 0 for no limit.")
    @Nullable
    String limitIops;

    @Option(
            names = "--limit-bps",
            paramLabel = "N",
            description = "Bytes in a second; k, M, G and T multiply; 0 for no limit.")
    @Nullable
    String limitBps;

    Optional<String> cache() {
        return word(cache);
    }

    Optional<String> attach() {
        return word(attach);
    }

    Optional<String> failover() {
        return word(failover);
    }

    OptionalLong limitIops() throws CommandFailure {
        return number("--limit-iops", limitIops);
    }

    OptionalLong limitBps() throws CommandFailure {
        return number("--limit-bps", limitBps);
    }

    private static Optional<String> word(@Nullable Enum<?> value) {
        return Optional.ofNullable(value).map(given -> given.name().toLowerCase(Locale.ROOT));
    }

    private static OptionalLong number(String name, @Nullable String text) throws CommandFailure {
        return text == null ? OptionalLong.empty() : OptionalLong.of(WholeNumber.parse(name, text));
    }
}
