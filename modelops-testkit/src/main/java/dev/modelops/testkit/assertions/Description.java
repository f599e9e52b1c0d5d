package dev.modelops.testkit.assertions;

import dev.modelops.ModelRef;
import dev.modelops.audit.AuditReport;
import dev.modelops.monitoring.Alert;
import dev.modelops.monitoring.DriftReport;
import dev.modelops.policy.Decision;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.ModelVersion;
import dev.modelops.serving.Deployment;
import dev.modelops.serving.Verdict;
import dev.modelops.signing.VerificationResult;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Writes values out whole, for failure messages. */
final class Description {
    private Description() {}

    static String of(Decision decision) {
        StringBuilder text = new StringBuilder();
        if (decision instanceof Decision.Deny deny) {
            text.append("denied, ").append(deny.cause());
            text.append(deny.rules().isEmpty() ? ", by no rule" : ", by " + String.join(", ", deny.rules()));
            for (Requirement unmet : deny.unmet()) {
                text.append("\n  [").append(unmet.rule()).append("] needs ").append(unmet.expected());
                text.append("\n    found ").append(unmet.actual());
                text.append("\n    remedy: ").append(unmet.remedy());
            }
        } else {
            text.append("allowed by ").append(String.join(", ", decision.rules()));
        }
        return text.append("\n  policy ")
                .append(decision.policy())
                .append("\n  decided as of position ")
                .append(decision.asOf())
                .append(" at ")
                .append(decision.at())
                .toString();
    }

    static String of(ModelVersion version) {
        return version.ref() + ", " + version.status()
                + "\n  author " + version.author() + " at " + version.registeredAt()
                + "\n  artifact " + version.artifact()
                + "\n  signed by "
                + version.publisher().map(Object::toString).orElse("a key that the log does not trust")
                + "\n  metrics " + new TreeMap<>(version.metrics())
                + "\n  parameters " + new TreeMap<>(version.parameters())
                + "\n  tags " + new TreeMap<>(version.tags());
    }

    static String of(VerificationResult result) {
        if (result instanceof VerificationResult.Rejected rejected) {
            return "rejected, " + rejected.reason() + ": " + rejected.message();
        }
        VerificationResult.Verified verified = result.orThrow();
        return "verified, signed by " + verified.signer() + "\n  root " + verified.root() + "\n  files "
                + verified.files() + "\n  notes "
                + verified.notes().stream()
                        .map(note -> note.code() + ": " + note.message())
                        .toList();
    }

    static String of(Deployment.Status status) {
        return status.state()
                + "\n  champion " + name(status.champion())
                + "\n  serving " + name(status.serving())
                + "\n  kept " + name(status.standby())
                + "\n  fell back from " + name(status.fallback())
                + "\n  watched " + status.isWatched() + ", held " + status.isHeld() + ", leaks " + status.leaks()
                + status.failure()
                        .map(failure -> "\n  " + failure.version() + " failed at " + failure.step() + " at "
                                + failure.at() + ": " + failure.reason())
                        .orElse("");
    }

    private static String name(Optional<ModelRef> version) {
        return version.map(ModelRef::toString).orElse("none");
    }

    static String of(Alert alert) {
        return alert.state() + ", " + alert.check() + " of " + alert.version() + " in " + alert.environment()
                + ", episode " + alert.episode() + "\n  since " + alert.since() + ", position " + alert.position();
    }

    static String of(DriftReport report) {
        StringBuilder text = new StringBuilder("as of position ").append(report.position());
        for (DriftReport.Finding finding : report.findings()) {
            DriftReport.Measurement latest = finding.latest();
            text.append("\n  ").append(finding.check()).append(" of ").append(finding.version());
            text.append(": ").append(finding.level()).append(", effect ").append(latest.effect());
            text.append(", floor ").append(finding.floor());
            // A detector of changes has none.
            if (!Double.isNaN(latest.adjusted())) {
                text.append(", p ").append(latest.adjusted());
            }
            text.append(", of ").append(latest.current()).append(" from ").append(latest.from());
        }
        report.changes().forEach(alert -> text.append("\n  changed: ").append(of(alert)));
        return text.append("\n  ").append(report.coverage()).toString();
    }

    static String of(Verdict verdict) {
        return verdict.state() + ", " + verdict.reason()
                + "\n  experiment " + verdict.experiment().id() + ", stage "
                + verdict.experiment().stage() + ", " + verdict.experiment().mode()
                + "\n  " + verdict.experiment().challenger() + " against "
                + verdict.experiment().champion() + " in "
                + verdict.experiment().environment()
                + verdict.difference()
                        .map(found -> "\n  difference " + found.estimate() + ", from " + found.lower() + " to "
                                + found.upper() + ", p " + found.pValue() + ", of " + found.count() + " cases")
                        .orElse("\n  no difference yet")
                + "\n  as of position " + verdict.position();
    }

    static String of(AuditReport report) {
        return (report.isSound() ? "sound" : "not sound") + ", " + report.position() + " entries, root " + report.root()
                + of(report.findings())
                + (report.unchecked().isEmpty() ? "" : "\n  not checked:" + of(report.unchecked()));
    }

    private static String of(List<AuditReport.Finding> findings) {
        StringBuilder text = new StringBuilder();
        for (AuditReport.Finding finding : findings) {
            text.append("\n  ").append(finding.kind());
            finding.index().ifPresent(index -> text.append(" at ").append(index));
            text.append(": ").append(finding.message());
        }
        return text.toString();
    }
}
