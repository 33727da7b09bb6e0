package io.qedstore.log;

import java.util.UUID;

/** The id that the brokers gave a topic: a topic that was deleted and created again has another. */
public record TopicId(UUID value) {
    @Override
    public String toString() {
        return value.toString();
    }
}
