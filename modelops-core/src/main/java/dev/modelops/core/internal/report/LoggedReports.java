package dev.modelops.core.internal.report;

import dev.modelops.Environment;
import dev.modelops.ModelName;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.registry.Access;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.policy.Action;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;

/** Reports on models of a log, for one session. */
public final class LoggedReports implements ReportSource {
    private final Governor governor;
    private final Access access;
    private final Clock clock;

    /** Creates it of what the session reads by. */
    public LoggedReports(Governor governor, Access access, Clock clock) {
        this.governor = governor;
        this.access = access;
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
        List<Report.Watched> watched = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        return reader.end(
                state, tip.state().founding().origin(), clock.instant(), tip.state().size(), watched, unknown);
    }
}
