package io.qedstore.nbd;

import java.nio.file.attribute.PosixFilePermission;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;

/** Who may connect to a unix socket, as chmod takes it: three octal digits such as {@code 0660}. */
public final class SocketMode {
    private SocketMode() {}

    /** Empty if the text is none. */
    public static Optional<Set<PosixFilePermission>> parse(String text) {
        if (!text.matches("0?[0-7]{3}")) {
            return Optional.empty();
        }
        int bits = Integer.parseInt(text, 8);
        Set<PosixFilePermission> permissions = EnumSet.noneOf(PosixFilePermission.class);
        PosixFilePermission[] fromHighest = PosixFilePermission.values(); // rwx of owner, group, others
        for (int i = 0; i < fromHighest.length; i++) {
            if ((bits >> (fromHighest.length - 1 - i) & 1) != 0) {
                permissions.add(fromHighest[i]);
            }
        }
        return Optional.of(permissions);
    }
}
