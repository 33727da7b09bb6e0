package io.qedstore.cli.api;

import com.fasterxml.jackson.databind.JsonMappingException;
import java.io.IOException;

/** Says where an answer is not the JSON that was expected, without Java's names. */
final class JsonFault {
    private JsonFault() {}

    static String of(IOException failure) {
        if (!(failure instanceof JsonMappingException mapping)) {
            return "its answer is no JSON";
        }
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference step : mapping.getPath()) {
            if (step.getFieldName() != null) {
                path.append(path.isEmpty() ? "" : ".").append(step.getFieldName());
            } else {
                path.append('[').append(step.getIndex()).append(']');
            }
        }
        String where = path.isEmpty() ? "its answer" : "'" + path + "' in its answer";
        return mapping.getCause() instanceof IllegalArgumentException refused
                ? where + " makes no sense: " + refused.getMessage()
                : where + " is missing or not of the expected kind";
    }
}
