package dev.modelops.core.internal.report;

import java.util.ArrayList;
import java.util.List;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.function.Function;
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

    /** Returns those of many that say something else than the one before, and of the others some from all along. */
    static <T> Thinned<T> spread(List<T> all, int most, String what, Function<T, ?> said) {
        if (all.size() <= most) {
            return new Thinned<>(all, "");
        }
        SortedSet<Integer> kept = new TreeSet<>();
        for (int i = all.size() - 1; i > 0 && kept.size() < most / 2; i--) {
            if (!said.apply(all.get(i)).equals(said.apply(all.get(i - 1)))) {
                kept.add(i);
            }
        }
        int others = most - kept.size();
        for (int i = 0; i < others; i++) {
            kept.add((int) ((long) i * (all.size() - 1) / (others - 1)));
        }
        return new Thinned<>(
                kept.stream().map(all::get).toList(),
                "Of " + Words.count(all.size()) + " " + what + ", " + Words.count(kept.size())
                        + " are shown here: the latest that say something else than the one before, and others from all along."
                        + " All are in the log.");
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
