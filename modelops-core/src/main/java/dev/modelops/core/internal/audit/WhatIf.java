package dev.modelops.core.internal.audit;

import dev.modelops.LogPosition;
import dev.modelops.ModelOpsException;
import dev.modelops.Progress;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.audit.WhatIfReport.Flip;
import dev.modelops.audit.WhatIfReport.Kind;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Redecision;
import dev.modelops.core.internal.governor.Redecision.Replay;
import dev.modelops.core.internal.governor.Tip;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.policy.PolicyAdmission;
import dev.modelops.core.internal.policy.PolicyEngine;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Decision.Cause;
import dev.modelops.policy.Explanation;
import dev.modelops.policy.Level;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Replays what a log recorded under another policy set, entry by entry, holding no more than the state before each. */
final class WhatIf {
    private static final int STEP = 1024;

    private final PolicyEngine engine;
    private final Consumer<Flip> each;
    private final Progress progress;
    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final List<Flip> first = new ArrayList<>();
    private RegistryState state = RegistryState.empty();
    private long decisions;

    WhatIf(PolicySet policies, Consumer<Flip> each, Progress progress) {
        this.engine = PolicyAdmission.compile(policies);
        this.each = each;
        this.progress = progress;
    }

    WhatIfReport over(Ledger ledger) {
        long size = ledger.tip().state().size();
        ledger.scan(0, size, (entry, body) -> {
            if (entry.index() % STEP == 0) {
                follow(entry.index(), size);
            }
            look(entry);
            state = Fold.apply(state, entry);
            return true;
        });
        follow(size, size);
        return new WhatIfReport(
                engine.digest(),
                LogPosition.of(size),
                decisions,
                count(Kind.ALLOW_TO_DENY),
                count(Kind.DENY_TO_ALLOW),
                count(Kind.OTHER_REASONS),
                count(Kind.UNDECIDABLE),
                first);
    }

    private long count(Kind kind) {
        return counts.getOrDefault(kind, 0L);
    }

    private void follow(long done, long total) {
        progress.report(done, total);
        if (progress.isCancelled()) {
            throw new CancellationException("the replay was cancelled after " + done + " of " + total + " entries");
        }
    }

    private void look(Entry entry) {
        Decision recorded = entry.decision();
        if (recorded == null) {
            return;
        }
        Flip flip;
        try {
            Replay replay = Redecision.replay(new Tip(state, Frontier.empty(), engine), entry, recorded);
            if (replay == null && recorded.isAllowed()) {
                return;
            }
            flip = compare(entry.index(), recorded, replay);
        } catch (ModelOpsException | IllegalArgumentException e) {
            flip = undecidable(entry.index(), recorded, String.valueOf(e.getMessage()));
        }
        decisions++;
        if (flip != null) {
            report(new Flip(flip.index(), flip.kind(), inFull(entry, recorded), flip.replayed(), flip.reason()));
        }
    }

    private void report(Flip flip) {
        counts.merge(flip.kind(), 1L, Long::sum);
        if (first.size() < WhatIfReport.MOST_FLIPS) {
            first.add(flip);
        }
        each.accept(flip);
    }

    /** Returns the recorded decision with what was asked, as far as the entry says so. */
    private static Decision inFull(Entry entry, Decision recorded) {
        try {
            Decision full = Redecision.recorded(entry);
            return full == null ? recorded : full;
        } catch (IllegalArgumentException e) {
            return recorded;
        }
    }

    private static @Nullable Flip compare(long index, Decision recorded, @Nullable Replay replay) {
        if (replay == null) {
            return undecidable(index, recorded, "the entry does not say what was asked; it is of an earlier release");
        }
        if (recorded instanceof Decision.Deny deny && deny.cause() == Cause.NARROWED) {
            return undecidable(index, recorded, "the host's own policy refused, and that is not recorded");
        }
        Decision decision = replay.decision();
        if (!replay.missing().isEmpty() && dependsOnFacts(decision)) {
            return undecidable(index, recorded, "not recorded: " + String.join(", ", replay.missing()));
        }
        if (recorded.isAllowed() != decision.isAllowed()) {
            return new Flip(
                    index,
                    recorded.isAllowed() ? Kind.ALLOW_TO_DENY : Kind.DENY_TO_ALLOW,
                    recorded,
                    Optional.of(decision),
                    Optional.empty());
        }
        return isSame(recorded, decision)
                ? null
                : new Flip(index, Kind.OTHER_REASONS, recorded, Optional.of(decision), Optional.empty());
    }

    /** A fact that failed can only have turned a decision that no rule made firmly; where overrides count, no soft rule did. */
    private static boolean dependsOnFacts(Decision decision) {
        if (!(decision instanceof Decision.Deny deny) || deny.cause() == Cause.MISSING_GATE) {
            return false;
        }
        Action asked = deny.explanation().action();
        boolean isOverriding = asked != null && asked.overriding().isPresent();
        return deny.cause() != Cause.FORBIDDEN || isOverriding && !isFirm(deny);
    }

    private static boolean isFirm(Decision.Deny deny) {
        Set<String> erred =
                deny.explanation().erred().stream().map(Explanation.Erred::rule).collect(Collectors.toSet());
        return deny.unmet().stream().anyMatch(unmet -> unmet.level() == Level.HARD && !erred.contains(unmet.rule()));
    }

    private static boolean isSame(Decision recorded, Decision replayed) {
        boolean alike =
                recorded.rules().equals(replayed.rules()) && unmet(recorded).equals(unmet(replayed));
        return alike
                && (!(recorded instanceof Decision.Deny then)
                        || replayed instanceof Decision.Deny now && then.cause() == now.cause());
    }

    private static Set<String> unmet(Decision decision) {
        return decision.unmet().stream().map(Requirement::rule).collect(Collectors.toSet());
    }

    private static Flip undecidable(long index, Decision recorded, String reason) {
        return new Flip(index, Kind.UNDECIDABLE, recorded, Optional.empty(), Optional.of(reason));
    }
}
