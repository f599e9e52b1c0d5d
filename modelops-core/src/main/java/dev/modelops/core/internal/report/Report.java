package dev.modelops.core.internal.report;

import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.serving.Verdict;
import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a report on a model shows. Plain values; every text in them may come from anybody.
 *
 * @param model the model
 * @param environment where it is looked at
 * @param log the log that everything comes from
 * @param at when the report was made
 * @param position how many entries of the log it takes into account
 * @param halted why the champion does not answer though it is champion, null if it does
 * @param answers the version that answers now, null if none does
 * @param versions the versions, oldest first
 * @param acts what was done with the model as a whole, oldest first
 * @param places who was champion when, in each environment that had a champion
 * @param trials the experiments, oldest first
 * @param watched what was measured, by version, oldest first
 * @param alarms the alerts there were
 * @param retrainings the requests for a new version, oldest first
 * @param unknown what could not be found out, and why
 */
public record Report(
        String model,
        String environment,
        String log,
        Instant at,
        long position,
        @Nullable String halted,
        @Nullable String answers,
        List<Version> versions,
        List<Step> acts,
        List<Place> places,
        List<Trial> trials,
        List<Watched> watched,
        List<Alarm> alarms,
        List<Retraining> retrainings,
        List<String> unknown) {
    /** Copies the lists. */
    public Report {
        versions = List.copyOf(versions);
        acts = List.copyOf(acts);
        places = List.copyOf(places);
        trials = List.copyOf(trials);
        watched = List.copyOf(watched);
        alarms = List.copyOf(alarms);
        retrainings = List.copyOf(retrainings);
        unknown = List.copyOf(unknown);
    }

    /** Returns the champions of the environment that the report is about, oldest first. */
    List<Reign> reigns() {
        return places.stream()
                .filter(place -> place.environment().equals(environment))
                .findFirst()
                .map(Place::reigns)
                .orElse(List.of());
    }

    /**
     * A version and what people did with it.
     *
     * @param name its name
     * @param author who registered it
     * @param status how it stands now
     * @param publisher who signed it, null if nobody who is trusted
     * @param decisions what people decided that stands
     * @param steps what was done, oldest first
     */
    public record Version(
            String name,
            String author,
            String status,
            @Nullable String publisher,
            List<String> decisions,
            List<Step> steps) {
        /** Copies the lists. */
        public Version {
            decisions = List.copyOf(decisions);
            steps = List.copyOf(steps);
        }
    }

    /** What kind of thing was done. */
    public enum Kind {
        /** It came into the registry. */
        REGISTERED,
        /** Somebody found it good. */
        APPROVED,
        /** Somebody found it not good. */
        REJECTED,
        /** It became champion. */
        PROMOTED,
        /** It was taken out of use. */
        STOPPED,
        /** It was put into use again. */
        RESUMED,
        /** Policy refused something. */
        REFUSED,
        /** Anything else. */
        OTHER
    }

    /**
     * Something that was done.
     *
     * @param at when
     * @param entry the entry of the log that says so
     * @param kind what kind of thing
     * @param who who did it
     * @param what what it was, in words
     */
    public record Step(Instant at, long entry, Kind kind, String who, String what) {}

    /**
     * An environment, and who was champion there.
     *
     * @param environment its name
     * @param reigns who was champion when, oldest first
     * @param halts when that did not answer, in the order in which it began
     */
    public record Place(String environment, List<Reign> reigns, List<Halt> halts) {
        /** Copies the lists. */
        public Place {
            reigns = List.copyOf(reigns);
            halts = List.copyOf(halts);
        }
    }

    /**
     * A time in which a version was champion.
     *
     * @param version the version
     * @param from since when
     * @param until until when, null if it still is
     * @param entry the entry that made it champion
     * @param who who did that
     * @param how by what
     * @param isRollback whether that was a rollback
     * @param end by what it ended, null if it has not
     */
    public record Reign(
            String version,
            Instant from,
            @Nullable Instant until,
            long entry,
            String who,
            String how,
            boolean isRollback,
            @Nullable String end) {}

    /** Why a champion does not answer. */
    public enum Stop {
        /** The version is in quarantine. */
        QUARANTINE,
        /** It has a status in which no version is to be served. */
        STATUS,
        /** The model is suspended. */
        SUSPENSION
    }

    /**
     * A time in which the champion did not answer.
     *
     * @param stop why
     * @param version the champion, null if there was none
     * @param from since when
     * @param until until when, null if it lasts
     * @param entry the entry that brought it about
     * @param who who did that
     * @param how by what
     * @param standIn who answers instead: the newest champion before it that none of this holds of, null if there is none
     * @param isNamed whether the log names who stands in; if not, policy may have refused it
     * @param end by what it ended, null if it lasts
     */
    public record Halt(
            Stop stop,
            @Nullable String version,
            Instant from,
            @Nullable Instant until,
            long entry,
            String who,
            String how,
            @Nullable String standIn,
            boolean isNamed,
            @Nullable String end) {}

    /**
     * An experiment.
     *
     * @param id its name
     * @param stage which stage of it
     * @param mode how the challenger is tried
     * @param champion the champion
     * @param challenger the challenger
     * @param measure which loss is compared, in words
     * @param alpha how probable a wrong conclusion may be
     * @param margin within which difference the two count as equal
     * @param from when the stage began
     * @param until when it ended, null if it runs
     * @param end why it ended, null if it runs
     * @param looks the verdicts, oldest first
     */
    public record Trial(
            String id,
            int stage,
            String mode,
            String champion,
            String challenger,
            String measure,
            double alpha,
            double margin,
            Instant from,
            @Nullable Instant until,
            @Nullable String end,
            List<Look> looks) {
        /** Copies the list. */
        public Trial {
            looks = List.copyOf(looks);
        }
    }

    /**
     * A verdict of an experiment.
     *
     * @param at when it was given
     * @param entry the entry that holds it
     * @param state what was concluded
     * @param reason why, in words
     * @param difference the challenger's mean loss less the champion's, null before there is enough
     * @param sampleRatio whether the arms have the planned sizes, null if that is not known
     * @param coverage whether the cases are comparable, null if that is not known
     * @param guards what must not get worse
     */
    public record Look(
            Instant at,
            long entry,
            Verdict.State state,
            String reason,
            @Nullable Difference difference,
            @Nullable Sample sampleRatio,
            @Nullable Sample coverage,
            List<Guard> guards) {
        /** Copies the list. */
        public Look {
            guards = List.copyOf(guards);
        }
    }

    /**
     * A difference with its confidence interval.
     *
     * @param count from how many cases
     * @param estimate what was found
     * @param lower what it is at least
     * @param upper what it is at most
     */
    public record Difference(long count, double estimate, double lower, double upper) {}

    /**
     * A share that was to be expected.
     *
     * @param found what was found
     * @param expected what was expected
     * @param passed whether that fits
     */
    public record Sample(double found, double expected, boolean passed) {}

    /**
     * Something that must not get worse.
     *
     * @param name what it is
     * @param estimate by how much the challenger is worse, null before there is enough
     * @param harmful whether that is too much
     */
    public record Guard(String name, @Nullable Double estimate, boolean harmful) {}

    /**
     * What was measured of a version.
     *
     * @param version the version
     * @param missing why there is nothing, null if there is something
     * @param drifts what the checks of its data found
     * @param performances how well it does
     * @param decays what the checks of how well it does found
     */
    public record Watched(
            String version,
            @Nullable String missing,
            List<Drift> drifts,
            List<Performance> performances,
            List<Drift> decays) {
        /** Copies the lists. */
        public Watched {
            drifts = List.copyOf(drifts);
            decays = List.copyOf(decays);
            performances = List.copyOf(performances);
        }
    }

    /**
     * What a check measured, over time: how far one thing is from what it was.
     *
     * @param subject of what: the name of an input or output, or what of the predictions
     * @param measure by which measure, in words
     * @param unit in which unit, in words
     * @param ofChange whether it is a detector's: how much larger the losses are than before a change
     * @param bound from which distance on it matters
     * @param distances window by window, oldest first
     */
    public record Drift(
            String subject, String measure, String unit, boolean ofChange, double bound, List<Distance> distances) {
        /** Copies the list. */
        public Drift {
            distances = List.copyOf(distances);
        }

        /** Returns whether the latest window of which something is known is beyond bounds. */
        boolean isBeyond() {
            for (int i = distances.size() - 1; i >= 0; i--) {
                if (distances.get(i).effect() != null) {
                    return distances.get(i).beyond();
                }
            }
            return false;
        }

        /** Returns whether there is a window of which something is known. */
        boolean isKnown() {
            return distances.stream().anyMatch(one -> one.effect() != null);
        }

        /** Returns whether any window is beyond bounds. */
        boolean wasBeyond() {
            return beyond() > 0;
        }

        /** Returns how many windows are beyond bounds. */
        long beyond() {
            return distances.stream().filter(Distance::beyond).count();
        }

        /** Returns the largest distance, null if none is known. */
        @Nullable Double worst() {
            Double worst = null;
            for (Distance one : distances) {
                Double effect = one.effect();
                if (effect != null && !Double.isNaN(effect) && (worst == null || effect > worst)) {
                    worst = effect;
                }
            }
            return worst;
        }
    }

    /**
     * A distance in one window.
     *
     * @param from when the window begins
     * @param until when it ends
     * @param count how many observations it has
     * @param effect the distance, null if there are too few observations
     * @param beyond whether it is both large enough to matter and more than chance would make it
     * @param shift the change that a detector remembers, null if it saw none or none is looked for
     */
    public record Distance(
            Instant from,
            Instant until,
            long count,
            @Nullable Double effect,
            boolean beyond,
            @Nullable Shift shift) {
        /** A distance of a check that looks for no change. */
        public Distance(Instant from, Instant until, long count, @Nullable Double effect, boolean beyond) {
            this(from, until, count, effect, beyond, null);
        }
    }

    /**
     * A change that a detector saw.
     *
     * @param entry the entry with which it saw it
     * @param after after how many cases
     * @param before the mean loss before
     */
    public record Shift(long entry, long after, double before) {}

    /**
     * How well a version does by one measure, over time.
     *
     * @param measure which measure, in words
     * @param moreIsBetter whether a higher value is the better one
     * @param reference what it was when it was built, null if that is not known
     * @param scores window by window, oldest first
     */
    public record Performance(
            String measure, boolean moreIsBetter, @Nullable Double reference, List<Score> scores) {
        /** Copies the list. */
        public Performance {
            scores = List.copyOf(scores);
        }
    }

    /**
     * How well a version did in one window.
     *
     * @param from when the window begins
     * @param until when it ends
     * @param predictions how many predictions it has
     * @param labelled of how many it is known what happened
     * @param expected what is to be expected before that is known, null if there is no such estimate
     * @param found what was found, null if it is not known yet
     */
    public record Score(
            Instant from,
            Instant until,
            long predictions,
            long labelled,
            @Nullable Double expected,
            @Nullable Double found) {}

    /**
     * An alert.
     *
     * @param version of which version
     * @param check of which check, in words
     * @param state how it stands
     * @param changes how it came to that, oldest first
     */
    public record Alarm(String version, String check, Alert.State state, List<Change> changes) {
        /** Copies the list. */
        public Alarm {
            changes = List.copyOf(changes);
        }
    }

    /**
     * A change of an alert.
     *
     * @param at when
     * @param entry the entry that says so
     * @param from how it stood
     * @param to how it stood then
     * @param who who wrote it
     */
    public record Change(Instant at, long entry, Alert.State from, Alert.State to, String who) {}

    /**
     * A request for a new version.
     *
     * @param version for which version
     * @param at when
     * @param entry the entry that holds it
     * @param who who asked
     * @param cause why
     * @param from from when on the data show it, null if that was not said
     * @param until until when, null if that was not said
     * @param answer the version that came of it, null if there is none yet
     */
    public record Retraining(
            String version,
            Instant at,
            long entry,
            String who,
            String cause,
            @Nullable Instant from,
            @Nullable Instant until,
            @Nullable String answer) {}
}
