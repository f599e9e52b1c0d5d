package dev.modelops.core.internal.audit;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.Environment;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.VersionState;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** What an act says of the state it was done on, beyond what policy decides and the fold needs. */
final class Conditions {
    private final List<String> unmet = new ArrayList<>();

    private Conditions() {}

    /** Returns how what an entry says differs from the state before it; nothing if it does not. */
    static List<String> unmet(RegistryState before, Entry entry) {
        Conditions conditions = new Conditions();
        switch (entry.type()) {
            case VERSION_TRANSITIONED -> conditions.transition(before, entry);
            case VERSION_APPROVED, VERSION_REJECTED -> conditions.judgement(before, entry);
            case CHAMPION_PROMOTED -> conditions.promotion(before, entry);
            case CHAMPION_ROLLED_BACK -> conditions.rollback(before, entry);
            case HANDLE_FELL_BACK -> conditions.fallback(before, entry);
            case TEXT_ERASED -> conditions.hold(before, entry, "the text was");
            case RECORDS_EXPIRED -> conditions.hold(before, entry, "the records were");
            default -> {
                // The fold and the policy set check all that the others depend on.
            }
        }
        return conditions.unmet;
    }

    private void transition(RegistryState before, Entry entry) {
        String from = before.requireVersion(ref(entry)).version().status();
        String name = entry.get("transition");
        String to = before.founding().lifeCycle().next(from, name).orElse(null);
        same("the status it leaves", from, entry.find("from"));
        same("the status that '" + name + "' leads to from '" + from + "'", to, entry.get("to"));
    }

    private void judgement(RegistryState before, Entry entry) {
        VersionState version = before.requireVersion(ref(entry));
        Set<String> present = new TreeSet<>();
        version.evidence().forEach(item -> present.add(item.digest().toString()));
        Set<String> seen = new TreeSet<>();
        entry.data().path("evidence").forEach(digest -> seen.add(digest.asText()));
        same("the content judged", version.version().artifact().toString(), entry.get("artifact"));
        same("the evidence judged", present, seen);
    }

    /** The subject of an erasure is that of the entry it is about. */
    private void hold(RegistryState before, Entry entry, String what) {
        before.texts()
                .hold(Texts.modelOf(entry.subject()))
                .ifPresent(hold ->
                        unmet.add(what + " under the legal hold '" + hold.name() + "' since position " + hold.since()));
    }

    /** A service may quarantine the champion, by falling back from it, and no other version. */
    private void fallback(RegistryState before, Entry entry) {
        ModelState model = model(before, entry);
        Environment environment = environment(entry);
        VersionNumber present = model.champion(environment);
        if (!ref(entry).version().equals(present)) {
            unmet.add(ref(entry) + " was not the champion in " + environment);
        }
        VersionNumber to = VersionNumber.of(Math.toIntExact(Entry.number(entry.data(), "to")));
        PVector<VersionNumber> history = model.champions().get(environment);
        if (to.equals(present) || history == null || !history.contains(to)) {
            unmet.add("version " + to + " was not a former champion in " + environment);
        }
    }

    private void promotion(RegistryState before, Entry entry) {
        VersionNumber present = model(before, entry).champion(environment(entry));
        previous(present, entry);
        if (ref(entry).version().equals(present)) {
            unmet.add(ref(entry) + " was champion already");
        }
    }

    private void rollback(RegistryState before, Entry entry) {
        PVector<VersionNumber> history = model(before, entry).champions().get(environment(entry));
        VersionNumber present = history == null ? null : history.get(history.size() - 1);
        VersionNumber target = ref(entry).version();
        previous(present, entry);
        if (history == null || target.equals(present) || !history.contains(target)) {
            unmet.add(ref(entry) + " was not a former champion in " + environment(entry));
        }
    }

    private void previous(@Nullable VersionNumber present, Entry entry) {
        JsonNode recorded = entry.data().get("previous");
        same(
                "the champion before",
                present == null ? null : Integer.toString(present.value()),
                recorded == null ? null : recorded.asText());
    }

    private void same(String what, @Nullable Object expected, @Nullable Object recorded) {
        if (!Objects.equals(expected, recorded)) {
            unmet.add(what + " was " + (expected == null ? "none" : expected) + ", but recorded is "
                    + (recorded == null ? "none" : recorded));
        }
    }

    private static ModelState model(RegistryState before, Entry entry) {
        return before.requireModel(ref(entry).name());
    }

    private static ModelRef ref(Entry entry) {
        return ModelRef.parse(String.valueOf(entry.subject()));
    }

    private static Environment environment(Entry entry) {
        return Environment.of(entry.get("environment"));
    }
}
