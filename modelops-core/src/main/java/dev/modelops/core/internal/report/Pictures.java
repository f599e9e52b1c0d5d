package dev.modelops.core.internal.report;

import java.util.Locale;

/** What all pictures have in common. */
final class Pictures {
    private static final int MOST_TIMES = 5;

    private Pictures() {}

    /** Opens a picture that is read out as one. */
    static void open(Markup page, String id, int width, int height, String title, String description) {
        page.open(
                        "svg",
                        "xmlns",
                        "http://www.w3.org/2000/svg",
                        "viewBox",
                        "0 0 " + width + " " + height,
                        "role",
                        "img",
                        "aria-labelledby",
                        id + "-t " + id + "-d")
                .leaf("title", title, "id", id + "-t")
                .leaf("desc", description, "id", id + "-d");
    }

    /** Opens a small picture beside words that say the same. */
    static void openKey(Markup page) {
        page.open(
                "svg",
                "xmlns",
                "http://www.w3.org/2000/svg",
                "viewBox",
                "0 0 32 16",
                "width",
                "32",
                "height",
                "16",
                "aria-hidden",
                "true");
    }

    static void timeAxis(Markup page, Axis across, double top, double bottom) {
        double length = across.most() - across.least();
        for (int i = 0; i < MOST_TIMES; i++) {
            double at = across.least() + length * i / (MOST_TIMES - 1);
            double x = across.place(at);
            page.path("grid", "M" + place(x) + "," + place(top) + "V" + place(bottom));
            page.leaf(
                    "text",
                    Words.tick(at, length),
                    "class",
                    i == 0 ? "axis" : i == MOST_TIMES - 1 ? "axis end" : "axis middle",
                    "x",
                    place(x),
                    "y",
                    place(bottom + 18));
        }
        page.leaf("text", "time (UTC)", "class", "axis end", "x", place(across.to()), "y", place(bottom + 34));
        page.path("frame", "M" + place(across.from()) + "," + place(bottom) + "H" + place(across.to()));
    }

    static String place(double value) {
        return String.format(Locale.ROOT, "%.1f", value);
    }

    static String dot(double x, double y) {
        return shape("M%.1f,%.1fa3,3 0 1 0 6,0a3,3 0 1 0 -6,0Z", x - 3, y);
    }

    static String square(double x, double y) {
        return shape("M%.1f,%.1fh6v6h-6Z", x - 3, y - 3);
    }

    static String diamond(double x, double y) {
        return shape("M%.1f,%.1fl6,6l-6,6l-6,-6Z", x, y - 6);
    }

    static String triangle(double x, double y) {
        return shape("M%.1f,%.1fl6,11h-12Z", x, y - 6);
    }

    static String back(double x, double y) {
        return shape("M%.1f,%.1fl11,-6v12Z", x - 6, y);
    }

    static String ring(double x, double y) {
        return shape("M%.1f,%.1fa4,4 0 1 0 8,0a4,4 0 1 0 -8,0Z", x - 4, y);
    }

    static String cross(double x, double y) {
        return shape("M%.1f,%.1fl7,7m0,-7l-7,7", x - 3.5, y - 3.5);
    }

    static String tick(double x, double y) {
        return shape("M%.1f,%.1fl4,4l7,-9", x - 5, y);
    }

    private static String shape(String format, double x, double y) {
        return String.format(Locale.ROOT, format, x, y);
    }
}
