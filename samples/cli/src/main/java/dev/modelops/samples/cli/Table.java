package dev.modelops.samples.cli;

import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.List;

/** Text in columns, each as wide as its widest cell. Cells are made safe to print. */
final class Table {
    private static final int WIDEST = 100;

    private final List<List<String>> rows = new ArrayList<>();
    private final boolean headed;

    Table(String... heads) {
        headed = heads.length > 0;
        if (headed) {
            row(heads);
        }
    }

    void row(String... cells) {
        List<String> row = new ArrayList<>(cells.length);
        for (String cell : cells) {
            String safe = Printable.of(cell);
            row.add(headed ? cut(safe) : safe);
        }
        rows.add(row);
    }

    void print(PrintWriter out) {
        List<Integer> widths = new ArrayList<>();
        for (List<String> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                int width = length(row.get(i));
                if (i == widths.size()) {
                    widths.add(width);
                } else {
                    widths.set(i, Math.max(widths.get(i), width));
                }
            }
        }
        for (List<String> row : rows) {
            StringBuilder line = new StringBuilder();
            for (int i = 0; i < row.size(); i++) {
                String cell = row.get(i);
                line.append(cell);
                if (i < row.size() - 1) {
                    line.append(" ".repeat(widths.get(i) - length(cell) + 2));
                }
            }
            out.println(line.toString().stripTrailing());
        }
    }

    private static String cut(String cell) {
        return length(cell) <= WIDEST ? cell : cell.substring(0, cell.offsetByCodePoints(0, WIDEST - 3)) + "...";
    }

    private static int length(String text) {
        return text.codePointCount(0, text.length());
    }
}
