package dev.modelops.core.internal.report;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A picture of values over time: lines, a band, and levels that they are held against. */
final class LineChart {
    private static final int WIDTH = 720;
    private static final int HEIGHT = 230;
    private static final int LEFT = 64;
    private static final int RIGHT = 16;
    private static final int TOP = 28;
    private static final int BOTTOM = 44;
    private static final int LONGEST_UNIT = 90;
    /** The room at the foot for what is not known. */
    private static final int CROSSES = 24;

    private final String title;
    private final String description;
    private final String unit;
    private final List<Line> lines = new ArrayList<>();
    private final List<Level> levels = new ArrayList<>();
    private final List<Range> band = new ArrayList<>();
    private final List<Double> events = new ArrayList<>();
    private String event = "";
    private boolean fromZero;

    /**
     * Begins a picture.
     *
     * @param unit what the values are, and in which unit
     */
    LineChart(String title, String description, String unit) {
        this.title = title;
        this.description = description;
        this.unit = unit;
    }

    /** How a line looks: by its colour, its strokes and its marks, so that no one of them is needed. */
    enum Look {
        FOUND("line-a"),
        EXPECTED("line-b");

        private final String style;

        Look(String style) {
            this.style = style;
        }
    }

    /**
     * A point of a line.
     *
     * @param at when, in seconds
     * @param value the value, null if it is not known
     * @param beyond whether it is beyond bounds
     */
    record Point(double at, @Nullable Double value, boolean beyond) {
        Point {
            value = value == null || Double.isNaN(value) ? null : value;
        }
    }

    private record Line(Look look, String name, List<Point> points) {}

    private record Level(String style, String name, double value) {}

    private record Range(double at, double lower, double upper) {}

    LineChart line(Look look, String name, List<Point> points) {
        lines.add(new Line(look, name, List.copyOf(points)));
        return this;
    }

    LineChart level(String name, double value) {
        levels.add(new Level("level", name, value));
        return this;
    }

    LineChart zero(String name) {
        levels.add(new Level("zero", name, 0));
        return this;
    }

    LineChart range(double at, double lower, double upper) {
        if (lower <= upper) {
            band.add(new Range(at, lower, upper));
        }
        return this;
    }

    /** Has the axis begin at zero or below, so that a distance is seen as large as it is. */
    LineChart fromZero() {
        fromZero = true;
        return this;
    }

    /** Marks times at which something happened, all of one kind. */
    LineChart events(String name, List<Double> times) {
        event = name;
        events.addAll(times);
        return this;
    }

    void write(Markup page, String id) {
        List<Double> times = new ArrayList<>();
        List<Double> values = new ArrayList<>();
        for (Line line : lines) {
            for (Point point : line.points()) {
                times.add(point.at());
                if (point.value() != null) {
                    values.add(point.value());
                }
            }
        }
        for (Range range : band) {
            times.add(range.at());
            values.add(range.lower());
            values.add(range.upper());
        }
        levels.forEach(level -> values.add(level.value()));
        times.addAll(events);
        if (fromZero) {
            values.add(0.0);
        }
        Axis across = Axis.of(times, LEFT, WIDTH - RIGHT);
        boolean isGapped =
                lines.stream().anyMatch(line -> line.points().stream().anyMatch(one -> one.value() == null));
        Axis up =
                Axis.of(values, HEIGHT - BOTTOM - (isGapped ? CROSSES : 0), TOP).widened();

        Pictures.open(page, id, WIDTH, HEIGHT, title, description);
        page.leaf("text", Words.shortened(unit, LONGEST_UNIT), "class", "axis", "x", "4", "y", "14");
        Pictures.timeAxis(page, across, TOP, HEIGHT - BOTTOM);
        for (double tick : up.ticks()) {
            double y = up.place(tick);
            path(page, "grid", "M" + xy(LEFT, y) + "H" + place(WIDTH - RIGHT));
            page.leaf("text", Words.number(tick), "class", "axis end", "x", place(LEFT - 6), "y", place(y + 4));
        }
        band(page, across, up);
        for (Level level : levels) {
            path(page, level.style(), "M" + xy(LEFT, up.place(level.value())) + "H" + place(WIDTH - RIGHT));
        }
        for (double at : events) {
            path(page, "event", "M" + xy(across.place(at), TOP) + "V" + place(HEIGHT - BOTTOM));
        }
        for (Line line : lines) {
            line(page, line, across, up);
        }
        page.close();
        legend(page);
    }

    private void band(Markup page, Axis across, Axis up) {
        if (band.isEmpty()) {
            return;
        }
        StringBuilder there = new StringBuilder();
        StringBuilder back = new StringBuilder();
        for (Range range : band) {
            double x = across.place(range.at());
            there.append(there.isEmpty() ? 'M' : 'L').append(xy(x, up.place(range.upper())));
            back.insert(0, "L" + xy(x, up.place(range.lower())));
        }
        path(page, "band", there.toString() + back + "Z");
        for (Range range : band) {
            double x = across.place(range.at());
            path(page, "whisker", "M" + xy(x, up.place(range.lower())) + "L" + xy(x, up.place(range.upper())));
        }
    }

    private static void line(Markup page, Line line, Axis across, Axis up) {
        StringBuilder stroke = new StringBuilder();
        boolean broken = true;
        for (Point point : line.points()) {
            if (point.value() == null) {
                broken = true;
            } else {
                stroke.append(broken ? 'M' : 'L').append(xy(across.place(point.at()), up.place(point.value())));
                broken = false;
            }
        }
        if (!stroke.isEmpty()) {
            path(page, line.look().style, stroke.toString());
        }
        StringBuilder marks = new StringBuilder();
        StringBuilder beyond = new StringBuilder();
        StringBuilder unknown = new StringBuilder();
        for (Point point : line.points()) {
            double x = across.place(point.at());
            if (point.value() == null) {
                unknown.append(Pictures.cross(x, HEIGHT - BOTTOM - (line.look() == Look.FOUND ? 6 : 16)));
            } else if (point.beyond()) {
                beyond.append(Pictures.diamond(x, up.place(point.value())));
            } else {
                marks.append(mark(line.look(), x, up.place(point.value())));
            }
        }
        if (!marks.isEmpty()) {
            path(page, line.look().style + " mark", marks.toString());
        }
        if (!beyond.isEmpty()) {
            path(page, "beyond", beyond.toString());
        }
        if (!unknown.isEmpty()) {
            path(page, "unknown", unknown.toString());
        }
    }

    private static String mark(Look look, double x, double y) {
        return look == Look.FOUND ? Pictures.dot(x, y) : Pictures.square(x, y);
    }

    private void legend(Markup page) {
        Set<String> names = new HashSet<>();
        page.open("ul", "class", "legend");
        for (Line line : lines) {
            key(page, line.look().style, "M2,8H30", line.look().style + " mark", mark(line.look(), 16, 8), line.name());
        }
        if (!band.isEmpty()) {
            key(page, "band", "M2,2H30V14H2Z", "", "", "where the true value lies, given the stated chance of error");
        }
        for (Level level : levels) {
            if (names.add(level.name())) {
                key(page, level.style(), "M2,8H30", "", "", level.name());
            }
        }
        if (!events.isEmpty()) {
            key(page, "event", "M16,1V15", "", "", event);
        }
        if (lines.stream().anyMatch(line -> line.points().stream().anyMatch(Point::beyond))) {
            key(page, "", "", "beyond", Pictures.diamond(16, 8), "beyond bounds");
        }
        if (lines.stream().anyMatch(line -> line.points().stream().anyMatch(point -> point.value() == null))) {
            key(page, "", "", "unknown", Pictures.cross(16, 8), "not known");
        }
        page.close();
    }

    private static void key(Markup page, String style, String path, String markStyle, String mark, String name) {
        page.open("li");
        Pictures.openKey(page);
        if (!path.isEmpty()) {
            path(page, style, path);
        }
        if (!mark.isEmpty()) {
            path(page, markStyle, mark);
        }
        page.close().text(" ").text(name).close();
    }

    private static void path(Markup page, String style, String path) {
        page.path(style, path);
    }

    private static String place(double value) {
        return Pictures.place(value);
    }

    private static String xy(double x, double y) {
        return String.format(Locale.ROOT, "%.1f,%.1f", x, y);
    }
}
