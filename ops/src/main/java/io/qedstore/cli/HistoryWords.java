package io.qedstore.cli;

import io.qedstore.api.HistoryItem;
import io.qedstore.api.OperationInfo;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/** How something in a history is said to people. */
final class HistoryWords {
    private static final int MAX_OPERATIONS = 4;

    private HistoryWords() {}

    static String of(HistoryItem item) {
        return switch (item.kind()) {
            case "event" -> event(item);
            case "claim" -> "claimed by " + item.node().orElse("?");
            case "release" -> "released";
            case "snapshot" -> "snapshot " + item.name().orElse("?");
            case "void" -> "does not count: " + item.detail().orElse("?");
            case "beginning" -> "the history begins: " + item.detail().orElse("?");
            default -> item.kind(); // flush, checkpoint, and what a newer node may say
        };
    }

    private static String event(HistoryItem item) {
        List<String> words = item.operations().stream()
                .limit(MAX_OPERATIONS)
                .map(HistoryWords::operation)
                .collect(Collectors.toCollection(ArrayList::new));
        int more = item.operations().size() - words.size();
        if (more > 0) {
            words.add(more + " more");
        }
        if (words.isEmpty()) {
            return item.detail().orElse("nothing but a mark");
        }
        return String.join(", ", words);
    }

    private static String operation(OperationInfo operation) {
        String kind = operation.kind();
        return switch (kind) {
            case "create", "resize" -> kind + " " + operation.lengthBytes();
            case "need-check-set", "need-check-clear", "backing-change" -> kind;
            default -> kind + " " + operation.guestOffset() + "+" + operation.lengthBytes();
        };
    }
}
