package dev.modelops.core.internal.state;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.monitoring.Alert;
import java.nio.charset.StandardCharsets;
import java.time.DateTimeException;
import java.time.Instant;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * What came of running a model: alerts, the experiments under way, and the requests to train it anew. Immutable.
 *
 * @param alerts the alerts of each version in each environment, by what was checked
 * @param trials the experiment under way in each environment
 * @param retrainings every request, in the order of the log
 */
public record Operations(
        PMap<Environment, PMap<VersionNumber, PMap<String, AlertState>>> alerts,
        PMap<Environment, Trial> trials,
        PVector<Retraining> retrainings) {
    /** How many characters what an entry says in its own words may have. */
    public static final int MOST_WORDS = 500;

    /** How many characters a specification or a verdict may have within an entry. */
    public static final int MOST_TEXT = 32 << 10;

    private static final Operations NONE =
            new Operations(HashTreePMap.empty(), HashTreePMap.empty(), TreePVector.empty());

    static Operations none() {
        return NONE;
    }

    /**
     * How it stands with one check.
     *
     * @param state how
     * @param episode which trouble it is, counted from 1, 0 before the first
     * @param window the number of the window that led here
     * @param position the entry
     * @param since its time
     */
    public record AlertState(Alert.State state, long episode, long window, LogPosition position, Instant since) {}

    /**
     * An experiment under way.
     *
     * @param id which one
     * @param stage which stage of it, counted from 1
     * @param challenger what is tried
     * @param champion what it is compared with
     * @param spec the specification, as the entry has it
     * @param position the entry that began the stage
     * @param since its time
     * @param judged the newest verdict of the stage
     * @param earlier what the stages before concluded last, if it says anything of what this one compares, until this one
     *     concludes something too
     */
    public record Trial(
            String id,
            int stage,
            VersionNumber challenger,
            VersionNumber champion,
            String spec,
            LogPosition position,
            Instant since,
            @Nullable Judged judged,
            @Nullable Judged earlier) {
        /**
         * Returns the verdict that counts: that of an earlier stage, until this one says more than to go on; null before there is
         * any.
         */
        public @Nullable Judged verdict() {
            return earlier != null ? earlier : judged;
        }

        private Trial judged(Judged now) {
            return new Trial(
                    id, stage, challenger, champion, spec, position, since, now, now.concludes() ? null : earlier);
        }

        /**
         * Returns what is known when the next stage begins. Better, worse and equal mean something only of the same measure and
         * at the same level; harm, and cases that could not be compared, are not got rid of by asking something else.
         */
        private @Nullable Judged carried(String next) {
            Judged last = verdict();
            boolean stays = last != null
                    && last.concludes()
                    && (last.state().equals(HARM)
                            || last.state().equals(INVALID)
                            || !compared(spec).isMissingNode() && compared(spec).equals(compared(next)));
            return stays ? last : null;
        }
    }

    private static final String CONTINUE = dev.modelops.serving.Verdict.State.CONTINUE.name();
    private static final String HARM = dev.modelops.serving.Verdict.State.HARM.name();
    private static final String INVALID = dev.modelops.serving.Verdict.State.INVALID.name();

    /** Returns what a specification compares, and at which level and margin; missing if it does not say so. */
    private static JsonNode compared(String spec) {
        ObjectNode said;
        try {
            said = Json.parseObject(spec.getBytes(StandardCharsets.UTF_8));
        } catch (IllegalArgumentException e) {
            return MissingNode.getInstance();
        }
        ObjectNode compared = Json.object();
        compared.set("measure", said.path("measure"));
        compared.set("alpha", said.path("rule").path("alpha"));
        compared.set("margin", said.path("rule").path("margin"));
        return compared.properties().stream()
                        .anyMatch(member -> member.getValue().isMissingNode())
                ? MissingNode.getInstance()
                : compared;
    }

    /**
     * A verdict on an experiment.
     *
     * @param stage of which stage
     * @param state what may be concluded
     * @param upTo how many entries it was concluded from
     * @param position the entry
     * @param at its time
     */
    public record Judged(int stage, String state, LogPosition upTo, LogPosition position, Instant at) {
        private boolean concludes() {
            return !state.equals(CONTINUE);
        }
    }

    /**
     * A request to train a model anew.
     *
     * @param version the version that is to be replaced
     * @param environment where it does not do
     * @param cause why
     * @param from the beginning of the data meant
     * @param until its end
     * @param position the entry
     * @param at its time
     * @param candidate the first version that was registered in answer
     */
    public record Retraining(
            VersionNumber version,
            Environment environment,
            String cause,
            Instant from,
            Instant until,
            LogPosition position,
            Instant at,
            @Nullable VersionNumber candidate) {}

    /** Returns the alerts of a version, by what was checked. */
    public PMap<String, AlertState> alerts(Environment environment, VersionNumber version) {
        return alerts.getOrDefault(environment, HashTreePMap.empty()).getOrDefault(version, HashTreePMap.empty());
    }

    /** Returns the experiment under way, or null. */
    public @Nullable Trial trial(Environment environment) {
        return trials.get(environment);
    }

    /**
     * Returns these after an entry; {@link IllegalArgumentException} if it does not follow.
     *
     * @param champion the champion of the environment, or null
     */
    public Operations after(
            EntryType type,
            ModelRef about,
            Environment environment,
            @Nullable VersionNumber champion,
            JsonNode data,
            LogPosition position,
            Instant at) {
        return switch (type) {
            case ALERT_CHANGED -> alerted(about.version(), environment, data, position, at);
            case EXPERIMENT_STARTED -> started(about.version(), environment, champion, data, position, at);
            case EXPERIMENT_ENDED -> {
                var unused = required(about.version(), environment, data);
                yield withoutTrial(environment);
            }
            case EXPERIMENT_JUDGED -> judged(about.version(), environment, data, position, at);
            case RETRAINING_REQUESTED -> requested(about.version(), environment, data, position, at);
            default -> throw new IllegalArgumentException(type.typeName() + " says nothing of how a model runs");
        };
    }

    private Operations alerted(
            VersionNumber version, Environment environment, JsonNode data, LogPosition position, Instant at) {
        String check = words(data, "check");
        AlertState known = alerts(environment, version).get(check);
        Alert.State from = known == null ? Alert.State.OK : known.state();
        Alert.State to = state(data, "to");
        long episode = Entry.number(data, "episode");
        long window = Entry.number(data, "window");
        if (state(data, "from") != from || !from.mayBecome(to)) {
            throw new IllegalArgumentException("expected a change of the alert '" + check + "', which is " + from
                    + ", found one from " + Entry.text(data, "from") + " to " + to);
        }
        long next = (known == null ? 0 : known.episode())
                + (to == Alert.State.FIRING && from != Alert.State.FIRING ? 1 : 0);
        if (data.has("upTo") && Entry.number(data, "upTo") >= position.size()) {
            throw new IllegalArgumentException(
                    "the alert '" + check + "' was found in entries that are not before it: " + data.get("upTo"));
        }
        if (episode != next || known != null && window < known.window()) {
            throw new IllegalArgumentException("the alert '" + check + "' changes in episode " + episode + ", window "
                    + window + ", but expected was episode " + next + " and no window before "
                    + (known == null ? window : known.window()));
        }
        PMap<VersionNumber, PMap<String, AlertState>> there =
                alerts.getOrDefault(environment, HashTreePMap.<VersionNumber, PMap<String, AlertState>>empty());
        PMap<String, AlertState> ofVersion = there.getOrDefault(version, HashTreePMap.<String, AlertState>empty());
        AlertState now = new AlertState(to, episode, window, position, at);
        return new Operations(
                alerts.plus(environment, there.plus(version, ofVersion.plus(check, now))), trials, retrainings);
    }

    private Operations started(
            VersionNumber challenger,
            Environment environment,
            @Nullable VersionNumber champion,
            JsonNode data,
            LogPosition position,
            Instant at) {
        String id = words(data, "experiment");
        long stage = Entry.number(data, "stage");
        VersionNumber compared = VersionNumber.of(Math.toIntExact(Entry.number(data, "champion")));
        if (!compared.equals(champion) || challenger.equals(champion)) {
            throw new IllegalArgumentException("an experiment compares a challenger with the champion of " + environment
                    + ", which is " + champion + ", but this one compares " + challenger + " with " + compared);
        }
        Trial known = trials.get(environment);
        if (known != null && (!known.id().equals(id) || !known.challenger().equals(challenger))) {
            throw new IllegalArgumentException("the experiment '" + known.id() + "' with challenger "
                    + known.challenger() + " is under way in " + environment + "; end it first");
        }
        int expected = known == null ? 1 : known.stage() + 1;
        if (stage != expected) {
            throw new IllegalArgumentException(
                    "expected stage " + expected + " of the experiment '" + id + "', found stage " + stage);
        }
        String spec = text(data, "spec");
        Judged earlier = known == null ? null : known.carried(spec);
        Trial trial = new Trial(id, expected, challenger, compared, spec, position, at, null, earlier);
        return new Operations(alerts, trials.plus(environment, trial), retrainings);
    }

    private Operations judged(
            VersionNumber challenger, Environment environment, JsonNode data, LogPosition position, Instant at) {
        Trial known = required(challenger, environment, data);
        long stage = Entry.number(data, "stage");
        long upTo = Entry.number(data, "upTo");
        Judged before = known.judged();
        boolean isNew = before == null || upTo > before.upTo().size();
        if (stage != known.stage() || !isNew || upTo < known.position().size() || upTo >= position.size()) {
            throw new IllegalArgumentException("expected a verdict on stage " + known.stage() + " of the experiment '"
                    + known.id() + "' from entries since " + known.position() + ", found one on stage " + stage
                    + " up to position " + upTo + (before == null ? "" : ", and the last was up to " + before.upTo()));
        }
        var unused = text(data, "verdict");
        Judged now = new Judged(known.stage(), words(data, "state"), LogPosition.of(upTo), position, at);
        return new Operations(alerts, trials.plus(environment, known.judged(now)), retrainings);
    }

    private Trial required(VersionNumber challenger, Environment environment, JsonNode data) {
        Trial known = trials.get(environment);
        String id = words(data, "experiment");
        if (known == null || !known.id().equals(id) || !known.challenger().equals(challenger)) {
            throw new IllegalArgumentException("expected the experiment that is under way in " + environment + ", "
                    + (known == null ? "of which there is none" : "'" + known.id() + "'") + ", found '" + id + "'");
        }
        return known;
    }

    private Operations requested(
            VersionNumber version, Environment environment, JsonNode data, LogPosition position, Instant at) {
        try {
            Instant from = Instant.parse(Entry.text(data, "from"));
            Instant until = Instant.parse(Entry.text(data, "until"));
            if (until.isBefore(from)) {
                throw new IllegalArgumentException("the data of a retraining end at " + until + ", before " + from);
            }
            return new Operations(
                    alerts,
                    trials,
                    retrainings.plus(new Retraining(
                            version, environment, words(data, "cause"), from, until, position, at, null)));
        } catch (DateTimeException e) {
            throw new IllegalArgumentException("expected the times of the data: " + e.getMessage(), e);
        }
    }

    /** Tells whether there is a request to train at a position that no version was registered in answer to. */
    public boolean isOpen(LogPosition request) {
        return retrainings.stream().anyMatch(one -> one.position().equals(request) && one.candidate() == null);
    }

    /** Returns these with the candidate of a request; {@link IllegalArgumentException} unless that is open. */
    Operations answered(LogPosition request, VersionNumber candidate) {
        PVector<Retraining> answered = retrainings;
        for (int i = 0; i < retrainings.size(); i++) {
            Retraining one = retrainings.get(i);
            if (one.position().equals(request) && one.candidate() == null) {
                answered = retrainings.with(
                        i,
                        new Retraining(
                                one.version(),
                                one.environment(),
                                one.cause(),
                                one.from(),
                                one.until(),
                                one.position(),
                                one.at(),
                                candidate));
            }
        }
        if (answered.equals(retrainings)) {
            throw new IllegalArgumentException(
                    "there is no open request to train this model anew at position " + request);
        }
        return new Operations(alerts, trials, answered);
    }

    /** Returns these without the experiment of an environment, if there was one. */
    Operations withoutTrial(Environment environment) {
        return trials.containsKey(environment) ? new Operations(alerts, trials.minus(environment), retrainings) : this;
    }

    static Operations of(
            Map<Environment, PMap<VersionNumber, PMap<String, AlertState>>> alerts,
            Map<Environment, Trial> trials,
            Iterable<Retraining> retrainings) {
        PVector<Retraining> all = TreePVector.empty();
        for (Retraining one : retrainings) {
            all = all.plus(one);
        }
        return new Operations(HashTreePMap.from(alerts), HashTreePMap.from(trials), all);
    }

    private static Alert.State state(JsonNode data, String member) {
        try {
            return Alert.State.valueOf(Entry.text(data, member));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "expected the state of an alert as '" + member + "', found '" + Entry.text(data, member) + "'", e);
        }
    }

    private static String words(JsonNode data, String member) {
        String text = Entry.text(data, member);
        if (text.isBlank() || text.length() > MOST_WORDS) {
            throw new IllegalArgumentException(
                    "expected 1 to " + MOST_WORDS + " characters as '" + member + "', found " + text.length());
        }
        return text;
    }

    private static String text(JsonNode data, String member) {
        String text = Entry.text(data, member);
        if (text.isEmpty() || text.length() > MOST_TEXT) {
            throw new IllegalArgumentException(
                    "expected 1 to " + MOST_TEXT + " characters as '" + member + "', found " + text.length());
        }
        return text;
    }
}
