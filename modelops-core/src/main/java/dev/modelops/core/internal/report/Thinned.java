package dev.modelops.core.internal.report;

import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;
import java.util.function.ToDoubleFunction;

/**
 * What is shown of a long list.
 *
 * @param shown what is shown, in its order
 * @param note what is not, in words; empty if everything is shown
 */
record Thinned<T>(List<T> shown, String note) {
    /** Returns the latest of many. */
    static <T> Thinned<T> latest(List<T> all, int most, String what) {
        if (all.size() <= most) {
            return new Thinned<>(all, "");
        }
        return new Thinned<>(
                all.subList(all.size() - most, all.size()),
                "The latest " + Words.count(most) + " of " + Words.count(all.size()) + " " + what
                        + " are shown here; the " + Words.count(all.size() - most) + " earlier ones are in the log.");
    }

    /** Returns the worst of each few in a row of many windows, so that nothing bad goes unseen. */
    static <T> Thinned<T> worst(List<T> all, int most, ToDoubleFunction<T> badness, Predicate<T> unknown) {
        if (all.size() <= most) {
            return new Thinned<>(all, "");
        }
        int each = (all.size() + most - 1) / most;
        List<T> shown = new ArrayList<>();
        for (int from = 0; from < all.size(); from += each) {
            T worst = all.get(from);
            for (T one : all.subList(from, Math.min(all.size(), from + each))) {
                if (badness.applyAsDouble(one) > badness.applyAsDouble(worst)) {
                    worst = one;
                }
            }
            shown.add(worst);
        }
        return new Thinned<>(
                shown,
                "Of " + Words.count(all.size()) + " windows, " + Words.count(shown.size()) + " are shown: of each "
                        + Words.count(each) + " in a row the worst one. Of all windows, "
                        + Words.count(all.stream().filter(unknown).count()) + " are not known.");
    }
}
