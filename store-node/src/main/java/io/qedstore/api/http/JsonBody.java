package io.qedstore.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectReader;
import io.qedstore.config.NearestName;
import java.io.IOException;
import java.lang.reflect.Type;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Makes a record of a request's body. All that is wrong with it is told at once, by its place in the body; what is not known is
 * not passed over.
 */
final class JsonBody {
    private static final int MOST_SLIPS = 3;
    private static final ObjectReader TREE = ApiJson.mapper().reader();

    private JsonBody() {}

    /** @throws RefusedException if it is not JSON, or not that of this record */
    static <R extends Record> R read(byte[] body, Class<R> type) throws RefusedException {
        JsonNode tree = parse(body);
        RecordShape shape = RecordShape.of(type);
        if (!tree.isObject()) {
            throw malformed("found " + found(tree) + ", expected an object with " + shape.names());
        }
        List<String> wrong = new ArrayList<>();
        for (Iterator<String> names = tree.fieldNames(); names.hasNext(); ) {
            String name = names.next();
            if (!shape.names().contains(name)) {
                wrong.add("unknown property '" + shown(name) + "'" + meant(name, shape.names()));
            }
        }
        for (RecordShape.Property property : shape.properties()) {
            check(property, tree.get(property.name())).ifPresent(wrong::add);
        }
        if (!wrong.isEmpty()) {
            throw malformed(String.join("; ", wrong));
        }
        try {
            return ApiJson.mapper().treeToValue(tree, type);
        } catch (JsonProcessingException e) {
            throw malformed(e.getOriginalMessage());
        }
    }

    private static JsonNode parse(byte[] body) throws RefusedException {
        try {
            return TREE.readTree(body);
        } catch (JsonProcessingException e) {
            String where = e.getLocation() == null
                    ? ""
                    : " in line " + e.getLocation().getLineNr() + " column "
                            + e.getLocation().getColumnNr();
            throw malformed("no JSON" + where + ": " + e.getOriginalMessage());
        } catch (IOException e) {
            throw malformed("no JSON: " + e.getMessage());
        }
    }

    private static Optional<String> check(RecordShape.Property property, @Nullable JsonNode value) {
        if (value == null || value.isNull()) {
            return property.required()
                    ? Optional.of(
                            "property '" + property.name() + "' is missing, expected " + expected(property.type()))
                    : Optional.empty();
        }
        return fits(property.type(), value)
                ? Optional.empty()
                : Optional.of("property '" + property.name() + "': found " + found(value) + ", expected "
                        + expected(property.type()));
    }

    private static boolean fits(Type type, JsonNode value) {
        if (type == int.class) {
            return value.isIntegralNumber() && value.canConvertToInt();
        } else if (type == long.class) {
            return value.isIntegralNumber() && value.canConvertToLong();
        } else if (type == Boolean.class || type == boolean.class) {
            return value.isBoolean();
        } else if (type == String.class) {
            return value.isTextual();
        } else if (RecordShape.isList(type)) {
            for (JsonNode item : value) {
                if (!fits(RecordShape.argument(type), item)) {
                    return false;
                }
            }
            return value.isArray();
        }
        throw new IllegalStateException("no request has a property of " + type);
    }

    private static String expected(Type type) {
        if (type == int.class || type == long.class) {
            return "a whole number" + (type == int.class ? " of 32 bits" : "");
        } else if (RecordShape.isList(type)) {
            return "an array of strings";
        }
        return type == Boolean.class || type == boolean.class ? "true or false" : "a string";
    }

    private static String found(JsonNode value) {
        return switch (value.getNodeType()) {
            case ARRAY -> "an array";
            case OBJECT -> "an object";
            case STRING -> "a string";
            case NUMBER -> "the number " + shown(value.asText());
            case BOOLEAN -> value.asText();
            case MISSING -> "nothing";
            case NULL, BINARY, POJO -> "null";
        };
    }

    static String meant(String name, List<String> known) {
        return NearestName.of(shown(name), known, MOST_SLIPS)
                .map(meant -> ", did you mean '" + meant + "'?")
                .orElse(", expected " + (known.isEmpty() ? "none" : "one of " + known));
    }

    /** What came from outside, in a message: short, and on one line. */
    static String shown(String text) {
        String line = text.replaceAll("\\p{IsControl}", "?");
        return line.length() <= 64 ? line : line.substring(0, 64) + "...";
    }

    private static RefusedException malformed(String what) {
        return new RefusedException(ProblemKind.MALFORMED_BODY, "the body of the request: " + what);
    }
}
