package dev.modelops.core.internal.report;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.observation.Hindsight;
import dev.modelops.core.internal.registry.Access;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import java.time.Clock;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** Reports on models of a log, for one session. */
public final class LoggedReports implements ReportSource {
    private final Governor governor;
    private final Access access;
    private final Identity caller;
    private final Hindsight hindsight;
    private final Clock clock;

    /** Creates it of what the session reads by. */
    public LoggedReports(Governor governor, Access access, Identity caller, Hindsight hindsight, Clock clock) {
        this.governor = governor;
        this.access = access;
        this.caller = caller;
        this.hindsight = hindsight;
        this.clock = clock;
    }

    @Override
    public Report report(ModelName model, Environment environment) {
        access.require(Action.audit());
        Ledger ledger = governor.ledger();
        Tip tip = ledger.tip();
        ModelState state = tip.state().requireModel(model);
        LogReader reader = new LogReader(model, environment, governor.texts());
        ledger.scan(0, tip.state().size(), (entry, body) -> {
            reader.read(entry);
            return true;
        });
        long size = tip.state().size();
        Instant now = clock.instant();
        Hindsight.Seen seen = hindsight.look(model, environment, size, now);
        PVector<VersionNumber> champions = state.champions().getOrDefault(environment, TreePVector.empty());
        List<Report.Watched> watched = new ArrayList<>();
        for (VersionState version : state.versions()) {
            ModelRef ref = version.version().ref();
            Report.Watched one = SeenReader.watched(hindsight, ref, champions.contains(ref.version()), seen);
            if (one != null) {
                watched.add(one);
            }
        }
        ModelRef serving = state.halts().suspended().containsKey(environment)
                ? null
                : governor.serving(tip, caller, model, environment);
        return reader.end(
                state,
                serving,
                serving == null ? null : refused(tip, Action.serve(serving, environment)),
                tip.state().founding().origin(),
                now,
                size,
                watched,
                SeenReader.gaps(seen));
    }

    /** Returns why policy lets nobody do an act, null if it lets those who are permitted to. */
    private @Nullable String refused(Tip tip, Action action) {
        return governor.checkLog(tip, caller, action, governor.gather(tip, caller, action))
                                instanceof Decision.Deny deny
                        && deny.cause() != Decision.Cause.NOT_PERMITTED
                ? deny.unmet().stream().map(Requirement::expected).collect(Collectors.joining("; "))
                : null;
    }
}
