package dev.modelops.core.internal.report;

import dev.modelops.core.internal.report.Report.Kind;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * A picture of what happened, one lane for each version and one for the model: marks for single acts, bars for the time as
 * champion.
 */
final class Lanes {
    private static final int WIDTH = 720;
    private static final int LEFT = 130;
    private static final int RIGHT = 40;
    private static final int TOP = 6;
    private static final int LANE = 30;
    private static final int MOST_LEVELS = 6;
    private static final int BOTTOM = 44;
    private static final int LONGEST_NAME = 18;
    /** How wide a mark is. */
    private static final double MARK = 11;

    private final String title;
    private final String description;
    private final List<Lane> lanes = new ArrayList<>();

    Lanes(String title, String description) {
        this.title = title;
        this.description = description;
    }

    /**
     * Something that happened at one time.
     *
     * @param at when, in seconds
     * @param kind what
     */
    record Mark(double at, Kind kind) {}

    /**
     * A time as champion.
     *
     * @param from since when, in seconds
     * @param until until when
     */
    record Bar(double from, double until) {}

    private record Lane(String name, List<Mark> marks, List<Bar> bars) {}

    Lanes lane(String name, List<Mark> marks, List<Bar> bars) {
        lanes.add(new Lane(name, List.copyOf(marks), List.copyOf(bars)));
        return this;
    }

    void write(Markup page, String id) {
        List<Double> times = new ArrayList<>();
        Set<Kind> kinds = EnumSet.noneOf(Kind.class);
        boolean reigned = false;
        for (Lane lane : lanes) {
            for (Mark mark : lane.marks()) {
                times.add(mark.at());
                kinds.add(mark.kind());
            }
            for (Bar bar : lane.bars()) {
                times.add(bar.from());
                times.add(bar.until());
                reigned = true;
            }
        }
        Axis across = Axis.of(times, LEFT, WIDTH - RIGHT);
        int bottom = TOP + lanes.stream().mapToInt(lane -> height(lane, across)).sum();
        Pictures.open(page, id, WIDTH, bottom + BOTTOM, title, description);
        Pictures.timeAxis(page, across, TOP, bottom);
        double top = TOP;
        for (Lane lane : lanes) {
            int height = height(lane, across);
            double y = top + height / 2.0;
            page.leaf(
                    "text",
                    Words.shortened(lane.name(), LONGEST_NAME),
                    "class",
                    "axis",
                    "x",
                    "4",
                    "y",
                    Pictures.place(y + 4));
            page.path("grid", "M" + LEFT + "," + Pictures.place(y) + "H" + (WIDTH - RIGHT));
            for (Bar bar : lane.bars()) {
                double from = across.place(bar.from());
                page.empty(
                        "rect",
                        "class",
                        "reign",
                        "x",
                        Pictures.place(from),
                        "y",
                        Pictures.place(top + 6),
                        "width",
                        Pictures.place(Math.max(2, across.place(bar.until()) - from)),
                        "height",
                        Pictures.place(height - 12));
            }
            double[] places = places(lane, across);
            int[] levels = levels(places);
            int lowest = Arrays.stream(levels).max().orElse(0);
            for (int i = 0; i < places.length; i++) {
                Kind kind = lane.marks().get(i).kind();
                page.path(style(kind), shape(kind, places[i], y + MARK * (levels[i] - lowest / 2.0)));
            }
            top += height;
        }
        page.close();
        page.open("ul", "class", "legend");
        if (reigned) {
            page.open("li");
            Pictures.openKey(page);
            page.empty("rect", "class", "reign", "x", "2", "y", "2", "width", "28", "height", "12");
            page.close().text(" champion").close();
        }
        for (Kind kind : kinds) {
            page.open("li");
            Pictures.openKey(page);
            page.path(style(kind), shape(kind, 16, 8));
            page.close().text(" ").text(Words.of(kind)).close();
        }
        page.close();
    }

    /**
     * Returns how far below the first mark each stands, so that marks of acts close in time do not cover one another, as far as
     * there is room.
     *
     * @param places where they stand in time, in order
     */
    static int[] levels(double[] places) {
        double[] last = new double[MOST_LEVELS];
        Arrays.fill(last, Double.NEGATIVE_INFINITY);
        int[] levels = new int[places.length];
        for (int i = 0; i < places.length; i++) {
            int level = 0;
            while (level < MOST_LEVELS - 1 && places[i] - last[level] < MARK) {
                level++;
            }
            levels[i] = level;
            last[level] = places[i];
        }
        return levels;
    }

    private static double[] places(Lane lane, Axis across) {
        return lane.marks().stream()
                .mapToDouble(mark -> across.place(mark.at()))
                .toArray();
    }

    private static int height(Lane lane, Axis across) {
        int lowest = Arrays.stream(levels(places(lane, across))).max().orElse(0);
        return Math.max(LANE, (int) MARK * (lowest + 1) + 12);
    }

    private static String style(Kind kind) {
        return "act " + kind.name().toLowerCase(Locale.ROOT);
    }

    private static String shape(Kind kind, double x, double y) {
        return switch (kind) {
            case REGISTERED -> Pictures.dot(x, y);
            case APPROVED -> Pictures.tick(x, y);
            case REJECTED -> Pictures.cross(x, y);
            case PROMOTED -> Pictures.triangle(x, y);
            case STOPPED -> Pictures.diamond(x, y);
            case RESUMED -> Pictures.ring(x, y);
            case REFUSED -> Pictures.cross(x, y) + Pictures.square(x, y);
            case OTHER -> Pictures.square(x, y);
        };
    }
}
