package io.qedstore.event;

import com.google.protobuf.Descriptors.EnumValueDescriptor;
import com.google.protobuf.Descriptors.FieldDescriptor;
import com.google.protobuf.Message;
import java.util.List;
import java.util.Optional;

/**
 * Finds what a newer version has put into a message or into those within it: fields that this version does not know, values of
 * enums that it does not know. The value 0 of an enum, unspecified, is one of these: no version writes it.
 */
final class NotKnown {
    private NotKnown() {}

    /** The first of it, for people. */
    static Optional<String> in(Message message) {
        String name = message.getDescriptorForType().getName();
        if (ChangeCodec.hasUnknownFields(message)) {
            return Optional.of(name + ": " + EventCodec.names(message));
        }
        for (FieldDescriptor field : message.getDescriptorForType().getFields()) {
            for (Object value : values(message, field)) {
                Optional<String> found = in(name, field, value);
                if (found.isPresent()) {
                    return found;
                }
            }
        }
        return Optional.empty();
    }

    private static List<?> values(Message message, FieldDescriptor field) {
        if (field.isRepeated()) {
            return (List<?>) message.getField(field);
        }
        return !field.hasPresence() || message.hasField(field) ? List.of(message.getField(field)) : List.of();
    }

    private static Optional<String> in(String name, FieldDescriptor field, Object value) {
        return switch (field.getJavaType()) {
            case MESSAGE -> in((Message) value);
            case ENUM -> {
                EnumValueDescriptor constant = (EnumValueDescriptor) value;
                // A number without a name has an index below 0.
                yield constant.getIndex() > 0
                        ? Optional.empty()
                        : Optional.of(name + ": " + field.getName() + " " + constant.getNumber());
            }
            case INT, LONG, FLOAT, DOUBLE, BOOLEAN, STRING, BYTE_STRING -> Optional.empty();
        };
    }
}
