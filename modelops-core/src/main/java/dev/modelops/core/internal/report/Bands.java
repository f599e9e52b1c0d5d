package dev.modelops.core.internal.report;

import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** A picture of what was so for how long: a row for each thing, with stretches along the time and marks between them. */
final class Bands {
    private static final int WIDTH = 720;
    private static final int RIGHT = 16;
    private static final int TOP = 14;
    private static final int ROOM = 16;
    private static final int BOTTOM = 44;
    /** How wide a character of a label is at most, on average. */
    private static final double CHARACTER = 7;

    private final String title;
    private final String description;
    private final int left;
    private final List<Row> rows = new ArrayList<>();

    Bands(String title, String description, int left) {
        this.title = title;
        this.description = description;
        this.left = left;
    }

    /** How a stretch looks: where in its row it is, its outline and its strokes, so that colour is not needed. */
    enum Look {
        CHAMPION("reign", "champion", 0, 24, ""),
        QUARANTINE("halt", "champion in quarantine", 24, 9, "/"),
        STATUS("halt", "champion in a status that is not served", 24, 9, "\\"),
        SUSPENSION("halt", "model suspended", 24, 9, "/\\"),
        STAND_IN("standin", "who stands in", 38, 18, ""),
        NOBODY("nobody", "nobody stands in", 38, 18, ""),
        SUSPECT("nobody", "suspect", 0, 14, ""),
        OPEN("open", "open, nobody has taken it on", 0, 14, ""),
        TAKEN_ON("halt", "open, somebody has taken it on", 0, 14, "/");

        private final String style;
        private final String words;
        private final int top;
        private final int height;
        private final String strokes;

        Look(String style, String words, int top, int height, String strokes) {
            this.style = style;
            this.words = words;
            this.top = top;
            this.height = height;
            this.strokes = strokes;
        }
    }

    /** What ended a stretch, or began it. */
    enum Event {
        PROMOTION("promoted", "promotion"),
        ROLLBACK("promoted", "rollback"),
        FALLBACK("stopped", "a deployment fell back by itself"),
        OVER("approved", "over");

        private final String style;
        private final String words;

        Event(String style, String words) {
            this.style = "act " + style;
            this.words = words;
        }

        private String shape(double x, double y) {
            return switch (this) {
                case PROMOTION -> Pictures.triangle(x, y);
                case ROLLBACK -> Pictures.back(x, y);
                case FALLBACK -> Pictures.diamond(x, y);
                case OVER -> Pictures.tick(x, y);
            };
        }
    }

    /**
     * A stretch of time.
     *
     * @param from since when, in seconds
     * @param until until when
     * @param label what it is called, shown if there is room; empty for none
     */
    record Stretch(Look look, double from, double until, String label) {}

    /**
     * Something that happened at one time.
     *
     * @param at when, in seconds
     */
    record Mark(Event event, double at) {}

    private record Row(String name, List<Stretch> stretches, List<Mark> marks) {}

    Bands row(String name, List<Stretch> stretches, List<Mark> marks) {
        rows.add(new Row(name, List.copyOf(stretches), List.copyOf(marks)));
        return this;
    }

    void write(Markup page, String id) {
        List<Double> times = new ArrayList<>();
        Set<Look> looks = EnumSet.noneOf(Look.class);
        Set<Event> events = EnumSet.noneOf(Event.class);
        double bottom = TOP;
        for (Row row : rows) {
            for (Stretch stretch : row.stretches()) {
                times.add(stretch.from());
                times.add(stretch.until());
                looks.add(stretch.look());
            }
            for (Mark mark : row.marks()) {
                times.add(mark.at());
                events.add(mark.event());
            }
            bottom += height(row);
        }
        Axis across = Axis.of(times, left, WIDTH - RIGHT);
        Pictures.open(page, id, WIDTH, (int) bottom + BOTTOM, title, description);
        Pictures.timeAxis(page, across, TOP - 8, bottom);
        double y = TOP;
        for (Row row : rows) {
            row(page, row, across, y);
            y += height(row);
        }
        page.close();
        legend(page, looks, events);
    }

    private static double height(Row row) {
        int lowest = row.stretches().stream()
                .mapToInt(stretch -> stretch.look().top + stretch.look().height)
                .max()
                .orElse(0);
        return lowest + ROOM;
    }

    private void row(Markup page, Row row, Axis across, double y) {
        int most = (int) ((left - 12) / CHARACTER);
        page.leaf(
                "text",
                Words.shortened(row.name(), most),
                "class",
                "axis",
                "x",
                "4",
                "y",
                Pictures.place(y + (row.stretches().stream().anyMatch(one -> one.look() == Look.CHAMPION) ? 16 : 11)));
        for (Stretch stretch : row.stretches()) {
            Look look = stretch.look();
            double from = across.place(stretch.from());
            rect(page, look, from, y + look.top, wide(stretch, across), look.height);
            if (!stretch.label().isEmpty()) {
                label(page, row, stretch, across, y + look.top + look.height / 2.0 + 4);
            }
        }
        for (Mark mark : row.marks()) {
            page.path(mark.event().style, mark.event().shape(across.place(mark.at()), y - 5));
        }
    }

    private static double wide(Stretch stretch, Axis across) {
        return Math.max(2, across.place(stretch.until()) - across.place(stretch.from()));
    }

    /** Writes the label, or the number of the version in it, within the stretch or beside it; else the table alone has it. */
    private static void label(Markup page, Row row, Stretch stretch, Axis across, double y) {
        double from = across.place(stretch.from());
        double wide = wide(stretch, across);
        double after = room(row, stretch, across);
        String whole = stretch.label();
        String number = whole.substring(Math.max(0, whole.lastIndexOf('@')));
        String style = "label middle";
        double x = from + wide / 2;
        String shown = "";
        if (length(whole) <= wide) {
            shown = whole;
        } else if (length(whole) <= after) {
            shown = whole;
            style = "label";
            x = from + wide + 4;
        } else if (length(number) <= wide) {
            shown = number;
        }
        page.leaf("text", shown, "class", style, "x", Pictures.place(x), "y", Pictures.place(y));
    }

    private static double length(String label) {
        return label.length() * CHARACTER + 4;
    }

    /** Returns how much room there is after a stretch, at its height. */
    private static double room(Row row, Stretch stretch, Axis across) {
        double end = across.place(stretch.from()) + wide(stretch, across);
        double next = across.to();
        for (Stretch other : row.stretches()) {
            double from = across.place(other.from());
            if (other.look().top == stretch.look().top && !other.equals(stretch) && from + wide(other, across) > end) {
                next = Math.min(next, Math.max(end, from));
            }
        }
        return next - end;
    }

    private static void rect(Markup page, Look look, double x, double y, double wide, double high) {
        page.empty(
                "rect",
                "class",
                look.style,
                "x",
                Pictures.place(x),
                "y",
                Pictures.place(y),
                "width",
                Pictures.place(wide),
                "height",
                Pictures.place(high));
        if (!look.strokes.isEmpty()) {
            StringBuilder strokes = new StringBuilder();
            look.strokes.chars().forEach(stroke -> hatch(strokes, x, y, wide, high, stroke == '/'));
            page.path("hatch", strokes.toString());
        }
    }

    /** Slanted lines over a rectangle and not beyond it. */
    private static void hatch(StringBuilder path, double x, double y, double wide, double high, boolean up) {
        for (double at = -high; at < wide; at += 6) {
            double from = Math.max(0, at);
            double to = Math.min(wide, at + high);
            if (to > from) {
                double start = up ? high - (from - at) : from - at;
                double end = up ? high - (to - at) : to - at;
                path.append(String.format(Locale.ROOT, "M%.1f,%.1fL%.1f,%.1f", x + from, y + start, x + to, y + end));
            }
        }
    }

    private static void legend(Markup page, Set<Look> looks, Set<Event> events) {
        page.open("ul", "class", "legend");
        for (Look look : looks) {
            page.open("li");
            Pictures.openKey(page);
            rect(page, look, 2, 2, 28, 12);
            page.close().text(" ").text(look.words).close();
        }
        for (Event event : events) {
            page.open("li");
            Pictures.openKey(page);
            page.path(event.style, event.shape(16, 8));
            page.close().text(" ").text(event.words).close();
        }
        page.close();
    }
}
