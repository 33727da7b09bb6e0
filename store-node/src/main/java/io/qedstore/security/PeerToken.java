package io.qedstore.security;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/** The token that a node shows to the others' APIs, in a file of its own; read each time, so that another can be put there. */
public final class PeerToken {
    /** For nodes that ask nobody for tokens. */
    public static final PeerToken NONE = new PeerToken(Optional.empty());

    private final Optional<Path> file;

    public PeerToken(Optional<Path> file) {
        this.file = file;
    }

    /**
     * The value of the header {@code Authorization}.
     *
     * @throws IOException if the file holds no token
     */
    public Optional<String> authorization() throws IOException {
        if (file.isEmpty()) {
            return Optional.empty();
        }
        String text = Files.readString(file.get()).strip();
        if (TokenSecret.parse(text).isEmpty()) {
            throw new IOException("the file " + file.get() + " (api.peer.token.file) holds no token; expected what"
                    + " `qedstore token create` has printed");
        }
        return Optional.of("Bearer " + text);
    }
}
