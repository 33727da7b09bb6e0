package io.qedstore.cli;

import io.qedstore.api.HistoryItem;
import io.qedstore.api.HistoryItems;
import io.qedstore.api.OperationInfo;
import io.qedstore.cli.NodeDouble.Answer;
import io.qedstore.cli.NodeDouble.Asked;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** A history of two pages, and an empty one between them. */
final class HistoryDouble {
    private HistoryDouble() {}

    static Answer answer(Asked asked) {
        return switch (asked.query().getOrDefault("after", "")) {
            case "" -> Answer.json(200, new HistoryItems(first(), Optional.of("2=")));
            case "2=" -> Answer.json(200, new HistoryItems(List.of(), Optional.of("3")));
            default -> Answer.json(200, new HistoryItems(second(), Optional.empty()));
        };
    }

    private static List<HistoryItem> first() {
        return List.of(
                item("beginning", 6, "", List.of(), "events up to 6 were given up"),
                item("claim", 6, "node-1", List.of(), ""),
                item("event", 7, "node-1", List.of(new OperationInfo("write", 1 << 20, 4096)), ""),
                item("event", 8, "node-1", List.of(), "says what event 7 left in the file"));
    }

    private static List<HistoryItem> second() {
        return List.of(
                item("flush", 8, "node-1", List.of(), ""),
                item("event", 1009, "node-1", Collections.nCopies(6, new OperationInfo("discard", 0, 512)), ""),
                item("void", 1009, "", List.of(), "event 8 of epoch 2, other epoch"));
    }

    private static HistoryItem item(
            String kind, long sequence, String node, List<OperationInfo> operations, String detail) {
        boolean isRecord = !kind.equals("flush") && !kind.equals("beginning");
        return new HistoryItem(
                kind,
                sequence,
                NodeDouble.NOON.plusNanos(sequence * 1000),
                3,
                Optional.of(node).filter(name -> !name.isEmpty()),
                isRecord ? OptionalLong.of(40 + sequence) : OptionalLong.empty(),
                isRecord ? 200 : 0,
                operations,
                Optional.empty(),
                Optional.of(detail).filter(text -> !text.isEmpty()));
    }
}
