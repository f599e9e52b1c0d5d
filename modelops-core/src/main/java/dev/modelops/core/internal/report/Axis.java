package dev.modelops.core.internal.report;

import java.util.ArrayList;
import java.util.List;

/**
 * Turns values into places on a picture.
 *
 * @param least the least value
 * @param most the largest value
 * @param from where the least one stands
 * @param to where the largest one stands
 */
record Axis(double least, double most, double from, double to) {
    /** Beyond this, a picture cannot show anything more. */
    private static final double FARTHEST = 1e12;

    /** Returns an axis that has room for these values, those that are finite. */
    static Axis of(List<Double> values, double from, double to) {
        double least = Double.POSITIVE_INFINITY;
        double most = Double.NEGATIVE_INFINITY;
        for (double value : values) {
            if (Double.isFinite(value)) {
                double within = Math.max(-FARTHEST, Math.min(FARTHEST, value));
                least = Math.min(least, within);
                most = Math.max(most, within);
            }
        }
        if (least > most) {
            return new Axis(0, 1, from, to);
        } else if (most - least < 1e-9 * Math.max(1, Math.abs(most))) {
            double room = Math.max(1e-3, Math.abs(most) / 10);
            return new Axis(least - room, most + room, from, to);
        }
        return new Axis(least, most, from, to);
    }

    /** Returns the axis with a little more room at its ends. */
    Axis widened() {
        double room = (most - least) * 0.06;
        return new Axis(least == 0 ? 0 : least - room, most + room, from, to);
    }

    double place(double value) {
        double within = Math.max(least, Math.min(most, value));
        return from + (within - least) / (most - least) * (to - from);
    }

    /** Returns round values, some four or five of them. */
    List<Double> ticks() {
        double step = Math.pow(10, Math.floor(Math.log10((most - least) / 4)));
        double count = (most - least) / step;
        step *= count > 20 ? 5 : count > 10 ? 2.5 : count > 5 ? 2 : 1;
        List<Double> ticks = new ArrayList<>();
        for (double i = Math.ceil(least / step); i * step <= most + step * 1e-9 && ticks.size() < 20; i++) {
            ticks.add(i == 0 ? 0 : i * step);
        }
        return ticks;
    }
}
