package io.qedstore.api.http;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.lang.reflect.Type;
import java.time.Instant;
import java.util.Map;
import java.util.TreeMap;

/** The JSON Schemas of records, by their names; each record that another holds is among them. Of one thread. */
final class RecordSchemas {
    private final Map<String, ObjectNode> schemas = new TreeMap<>();

    /** A reference to a record's schema, which is made where it is not there yet. */
    ObjectNode reference(Class<? extends Record> type) {
        if (!schemas.containsKey(type.getSimpleName())) {
            ObjectNode schema = JsonNodeFactory.instance.objectNode().put("type", "object");
            schemas.put(type.getSimpleName(), schema);
            describe(RecordShape.of(type), schema);
        }
        return JsonNodeFactory.instance.objectNode().put("$ref", "#/components/schemas/" + type.getSimpleName());
    }

    Map<String, ObjectNode> all() {
        return schemas;
    }

    private void describe(RecordShape shape, ObjectNode schema) {
        ObjectNode properties = JsonNodeFactory.instance.objectNode();
        ArrayNode required = JsonNodeFactory.instance.arrayNode();
        for (RecordShape.Property property : shape.properties()) {
            properties.set(property.name(), value(property.type()));
            if (property.required()) {
                required.add(property.name());
            }
        }
        schema.set("properties", properties);
        if (!required.isEmpty()) {
            schema.set("required", required);
        }
    }

    private ObjectNode value(Type type) {
        ObjectNode schema = JsonNodeFactory.instance.objectNode();
        if (type == String.class) {
            return schema.put("type", "string");
        } else if (type == int.class) {
            return schema.put("type", "integer").put("format", "int32");
        } else if (type == long.class || type == Long.class) {
            return schema.put("type", "integer").put("format", "int64");
        } else if (type == boolean.class || type == Boolean.class) {
            return schema.put("type", "boolean");
        } else if (type == Instant.class) {
            return schema.put("type", "string").put("format", "date-time");
        } else if (RecordShape.isList(type)) {
            schema.put("type", "array").set("items", value(RecordShape.argument(type)));
            return schema;
        } else if (type instanceof Class<?> record && record.isRecord()) {
            return reference(record.asSubclass(Record.class));
        }
        throw new IllegalStateException("no JSON Schema is known for " + type);
    }
}
