package io.qedstore.cli;

import io.qedstore.api.HistoryItem;
import io.qedstore.api.HistoryItems;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.HistoryQuery;
import java.io.IOException;
import java.io.PrintWriter;
import java.math.BigInteger;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Prints who wrote what when, as it is read. */
@Command(
        name = "history",
        description = {
            "Prints who wrote what of an image when, and who owned it, from its log.",
            "Each event with its sequence, its time, its owner's epoch and node, what the guest asked for and where, and the",
            "bytes that it takes in the log; between them claims, releases, flushes, snapshots, checkpoints, and records",
            "that do not count. POINT is seq:N, time:2026-11-22T12:00:00Z or snapshot:NAME."
        },
        footer = {
            "",
            "Examples:",
            "  qedstore image history vm1 --from=time:2026-11-22T12:00:00Z",
            "  qedstore image history vm1 --from=snapshot:before --range=1M+64k --output=json"
        })
final class ImageHistory extends ApiCommand {
    /** All of the same width. */
    private static final DateTimeFormatter TIME =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSSSSS'Z'").withZone(ZoneOffset.UTC);

    @Parameters(paramLabel = "IMAGE", description = "The image.")
    String image = "";

    @Option(names = "--from", paramLabel = "POINT", description = "The first event (default: the history's beginning).")
    @Nullable
    String from;

    @Option(names = "--to", paramLabel = "POINT", description = "The last event (default: the last that there is).")
    @Nullable
    String to;

    @Option(
            names = "--range",
            paramLabel = "OFFSET+LENGTH",
            description = "Only events that have to do with this part of the disk, such as 1M+64k.")
    @Nullable
    String range;

    @Override
    void ask(ApiClient node, PrintWriter out) throws IOException {
        HistoryQuery query = new HistoryQuery(
                Optional.ofNullable(from),
                Optional.ofNullable(to),
                Optional.ofNullable(range).map(this::range));
        if (output.isJson()) {
            printJson(node, query, out);
        } else {
            printTable(node, query, out);
        }
        out.flush();
    }

    private HistoryQuery.Range range(String text) {
        int plus = text.indexOf('+');
        Optional<BigInteger> offset = SizeArgument.parse(plus < 0 ? "" : text.substring(0, plus));
        Optional<BigInteger> length = SizeArgument.parse(text.substring(plus + 1));
        boolean isRange = offset.isPresent()
                && length.isPresent()
                && length.get().signum() > 0
                && offset.get().add(length.get()).bitLength() < Long.SIZE;
        if (!isRange) {
            throw wrongUsage("--range: '" + text + "' is no part of a disk; expected OFFSET+LENGTH, such as 1M+64k");
        }
        return new HistoryQuery.Range(
                offset.get().longValueExact(), length.get().longValueExact());
    }

    private interface Page {
        void print(HistoryItems page);
    }

    private void read(ApiClient node, HistoryQuery query, Page each) throws IOException {
        Optional<String> after = Optional.empty();
        do {
            HistoryItems page = node.history(image, query, after);
            each.print(page);
            after = page.next();
        } while (after.isPresent());
    }

    private void printJson(ApiClient node, HistoryQuery query, PrintWriter out) throws IOException {
        String[] before = {"["};
        read(node, query, page -> {
            for (HistoryItem item : page.items()) {
                out.print(before[0] + "\n    " + Json.print(json(item)).replace("\n", "\n    "));
                before[0] = ",";
            }
            out.flush();
        });
        out.println(before[0].equals("[") ? "[]" : "\n]");
    }

    private void printTable(ApiClient node, HistoryQuery query, PrintWriter out) throws IOException {
        LongTable table = new LongTable(">SEQUENCE", "TIME", ">EPOCH", "NODE", ">BYTES", "WHAT");
        read(node, query, page -> {
            for (HistoryItem item : page.items()) {
                table.row(
                        item.sequence(),
                        TIME.format(item.at()),
                        item.epoch(),
                        item.node().orElse("-"),
                        item.bytes() == 0 ? "-" : item.bytes(),
                        HistoryWords.of(item));
            }
            table.printPage(out);
        });
    }
}
