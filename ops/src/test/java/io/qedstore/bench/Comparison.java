package io.qedstore.bench;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Figures of ours and of the bare client's, taken in pairs; one line of the table. */
final class Comparison {
    private final String name;
    private final String unit;
    private final List<Double> ours = new ArrayList<>();
    private final List<Double> bare = new ArrayList<>();

    Comparison(String name, String unit) {
        this.name = name;
        this.unit = unit;
    }

    void add(double our, double theirs) {
        ours.add(our);
        bare.add(theirs);
    }

    static void printHead() {
        System.out.println("| medians | ours | bare | unit | ours / bare | lowest .. highest pair |");
        System.out.println("|---|---|---|---|---|---|");
    }

    /** The ratio is the median of the pairs' ratios: what else ran on the machine meanwhile met both of a pair. */
    void print() {
        List<Double> ratios = new ArrayList<>();
        for (int i = 0; i < ours.size(); i++) {
            ratios.add(ours.get(i) / bare.get(i));
        }
        List<Double> sorted = ratios.stream().sorted().toList();
        System.out.printf(
                Locale.ROOT,
                "| %s | %s | %s | %s | **%.2f** | %.2f .. %.2f |%n",
                name,
                figure(median(ours)),
                figure(median(bare)),
                unit,
                median(ratios),
                sorted.get(0),
                sorted.get(sorted.size() - 1));
    }

    private static String figure(double value) {
        return String.format(Locale.ROOT, value < 10 ? "%.2f" : "%.0f", value);
    }

    private static double median(List<Double> values) {
        List<Double> sorted = values.stream().sorted().toList();
        int half = sorted.size() / 2;
        return sorted.size() % 2 == 1 ? sorted.get(half) : (sorted.get(half - 1) + sorted.get(half)) / 2;
    }
}
