package io.qedstore.api.http;

import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;

/** What JSON a record is: what requests are checked against, and what is told of them in the OpenAPI document. */
record RecordShape(List<Property> properties) {
    RecordShape {
        properties = List.copyOf(properties);
    }

    /**
     * A member of a JSON object.
     *
     * @param type of its value: a class, or a list of one
     */
    record Property(String name, Type type, boolean required) {}

    static RecordShape of(Class<? extends Record> type) {
        return new RecordShape(Arrays.stream(type.getRecordComponents())
                .map(RecordShape::property)
                .toList());
    }

    private static Property property(RecordComponent component) {
        Type type = component.getGenericType();
        if (type == OptionalInt.class) {
            return new Property(component.getName(), int.class, false);
        } else if (type == OptionalLong.class) {
            return new Property(component.getName(), long.class, false);
        } else if (component.getType() == Optional.class) {
            return new Property(component.getName(), argument(type), false);
        }
        return new Property(component.getName(), type, true);
    }

    /** Of a type that has one parameter: what it holds. */
    static Type argument(Type type) {
        return ((ParameterizedType) type).getActualTypeArguments()[0];
    }

    static boolean isList(Type type) {
        return type instanceof ParameterizedType list && list.getRawType() == List.class;
    }

    List<String> names() {
        return properties.stream().map(Property::name).toList();
    }
}
