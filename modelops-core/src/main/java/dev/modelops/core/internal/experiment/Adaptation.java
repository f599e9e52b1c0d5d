package dev.modelops.core.internal.experiment;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.experiment.ExperimentSums.ArmSums;
import dev.modelops.core.internal.json.Members;
import dev.modelops.core.internal.log.Json;
import org.jspecify.annotations.Nullable;

/**
 * How the share of a challenger follows what outcomes show, and what was known when a stage began.
 *
 * @param least the fewest buckets it may have
 * @param most the most
 * @param known what the stages before showed, null in the first
 */
public record Adaptation(int least, int most, @Nullable Known known) {
    private static final long MOST = 1L << 53;
    private static final long MOST_CASES = 1_000_000_000;

    /** Checks the bounds. */
    public Adaptation {
        if (least < 1 || most <= least || most >= Assignment.BUCKETS) {
            throw new IllegalArgumentException("a share adapts between two numbers of the " + Assignment.BUCKETS
                    + " buckets, but was to between " + least + " and " + most);
        }
    }

    /**
     * What stages showed.
     *
     * @param verdict the index of the verdict that was concluded from the last of them
     * @param champion how often the champion was right and wrong in all of them
     * @param challenger how often the challenger was
     */
    public record Known(long verdict, Count champion, Count challenger) {}

    /**
     * How often an arm was right and wrong.
     *
     * @param right how often it was right
     * @param wrong how often not
     */
    public record Count(long right, long wrong) {
        private static final Count NONE = new Count(0, 0);

        /** Checks the counts. */
        public Count {
            if (right < 0 || wrong < 0 || right > MOST_CASES || wrong > MOST_CASES) {
                throw new IllegalArgumentException("an arm was right and wrong 0 to " + MOST_CASES + " times, not "
                        + right + " and " + wrong + "; start an experiment under another id");
            }
        }

        private Count plus(ArmSums sums) {
            long count = sums.loss().count();
            long failures = Math.round(sums.loss().mean() * count);
            return new Count(right + count - failures, wrong + failures);
        }

        private BetaPosterior posterior() {
            return new BetaPosterior(right + 1.0, wrong + 1.0);
        }
    }

    /** Returns what is known when another stage ended with a verdict. */
    public Adaptation after(ExperimentSums sums, long verdict) {
        Count champion = known == null ? Count.NONE : known.champion();
        Count challenger = known == null ? Count.NONE : known.challenger();
        return new Adaptation(
                least, most, new Known(verdict, champion.plus(sums.champion()), challenger.plus(sums.challenger())));
    }

    /** Returns how many buckets follow: the fewest while nothing is known. */
    public int open() {
        if (known == null) {
            return least;
        }
        double probability =
                known.challenger().posterior().probabilityAbove(known.champion().posterior());
        return (int) Math.max(least, Math.min(most, Math.round(probability * Assignment.BUCKETS)));
    }

    /** Tells whether so many buckets follow; two Java runtimes may round to neighbours. */
    public boolean isOpen(int buckets) {
        return Math.abs(buckets - open()) <= 1 && buckets >= least && buckets <= most;
    }

    ObjectNode toJson() {
        ObjectNode json = Json.object().put("least", least).put("most", most);
        if (known != null) {
            ObjectNode of = json.putObject("known").put("verdict", known.verdict());
            of.putObject("champion")
                    .put("right", known.champion().right())
                    .put("wrong", known.champion().wrong());
            of.putObject("challenger")
                    .put("right", known.challenger().right())
                    .put("wrong", known.challenger().wrong());
        }
        return json;
    }

    static Adaptation read(Members members) {
        Adaptation adaptation = new Adaptation(
                (int) members.integer("least", 1, Assignment.BUCKETS),
                (int) members.integer("most", 1, Assignment.BUCKETS),
                members.has("known") ? known(members.members("known")) : null);
        members.end();
        return adaptation;
    }

    private static Known known(Members members) {
        Known known = new Known(
                members.integer("verdict", 0, MOST),
                count(members.members("champion")),
                count(members.members("challenger")));
        members.end();
        return known;
    }

    private static Count count(Members members) {
        Count count = new Count(members.integer("right", 0, MOST_CASES), members.integer("wrong", 0, MOST_CASES));
        members.end();
        return count;
    }
}
