package dev.modelops.core.internal.state;

import dev.modelops.Digest;
import dev.modelops.ErasableText;
import dev.modelops.Role;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import java.time.Instant;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiConsumer;
import java.util.function.Consumer;

/** Writes a state, but for what its first entry says; maps and sets in the order of their keys. */
final class StateWriter {
    private final BinaryWriter out;

    StateWriter(BinaryWriter out) {
        this.out = out;
    }

    void write(RegistryState state) {
        out.time(state.time());
        entries(state.models(), (name, model) -> model(model));
        entries(state.grants(), (principal, roles) -> {
            out.principal(principal);
            roles(roles);
        });
        out.all(state.policySets().installed(), this::revision);
        out.all(
                state.policySets().proposed().values().stream()
                        .sorted(Comparator.comparing(
                                proposal -> proposal.digest().toString()))
                        .toList(),
                this::proposal);
        out.all(
                state.texts().erased().entrySet().stream()
                        .sorted(Map.Entry.comparingByValue())
                        .toList(),
                erased -> {
                    out.digest(erased.getKey());
                    out.number(erased.getValue().size());
                });
        entries(state.texts().holds(), (name, hold) -> {
            out.word(name);
            optional(Optional.ofNullable(hold.model()), model -> out.word(model.value()));
            out.number(hold.since().size());
        });
        entries(state.texts().expired(), (model, until) -> {
            out.word(model.value());
            out.number(until.size());
        });
        entries(state.deliveries(), (sink, delivery) -> {
            out.word(sink);
            out.number(delivery.upTo());
            entries(delivery.behind(), (model, upTo) -> {
                out.word(model.value());
                out.number(upTo);
            });
            out.word(delivery.holder());
            out.number(delivery.dropped());
            out.number(delivery.lastDropped());
        });
        out.number(state.commands().size());
        state.commands().forEach((high, low, index) -> {
            out.fixed(high);
            out.fixed(low);
            out.number(index);
        });
    }

    private void model(ModelState model) {
        out.word(model.name().value());
        out.all(model.versions(), this::version);
        entries(model.champions(), (environment, history) -> {
            out.word(environment.value());
            out.number(history.size());
            List<Instant> reigns = Objects.requireNonNull(model.reigns().get(environment));
            for (int i = 0; i < history.size(); i++) {
                out.number(history.get(i).value());
                out.time(reigns.get(i));
            }
        });
        entries(model.aliases(), (alias, number) -> {
            out.word(alias.value());
            out.number(number.value());
        });
        words(model.tags());
        entries(model.halts().suspended(), (environment, since) -> {
            out.word(environment.value());
            out.number(since.size());
        });
        entries(model.halts().quarantined(), (environment, versions) -> {
            out.word(environment.value());
            entries(versions, (number, by) -> {
                out.number(number.value());
                out.number(by.size());
            });
        });
        operations(model.operations());
    }

    private void operations(Operations operations) {
        entries(operations.alerts(), (environment, versions) -> {
            out.word(environment.value());
            entries(versions, (number, checks) -> {
                out.number(number.value());
                entries(checks, (check, alert) -> {
                    out.text(check);
                    out.octet(alert.state().ordinal());
                    out.signed(alert.episode());
                    out.signed(alert.window());
                    out.number(alert.position().size());
                    out.time(alert.since());
                });
            });
        });
        entries(operations.trials(), (environment, trial) -> {
            out.word(environment.value());
            out.text(trial.id());
            out.number(trial.stage());
            out.number(trial.challenger().value());
            out.number(trial.champion().value());
            out.text(trial.spec());
            out.number(trial.position().size());
            out.time(trial.since());
            optional(Optional.ofNullable(trial.judged()), this::judged);
            optional(Optional.ofNullable(trial.earlier()), this::judged);
        });
        out.all(operations.retrainings(), retraining -> {
            out.number(retraining.version().value());
            out.word(retraining.environment().value());
            out.text(retraining.cause());
            out.time(retraining.from());
            out.time(retraining.until());
            out.number(retraining.position().size());
            out.time(retraining.at());
            out.number(
                    retraining.candidate() == null ? 0 : retraining.candidate().value());
        });
    }

    private void judged(Operations.Judged judged) {
        out.number(judged.stage());
        out.text(judged.state());
        out.number(judged.upTo().size());
        out.number(judged.position().size());
        out.time(judged.at());
    }

    private void version(VersionState state) {
        ModelVersion version = state.version();
        out.word(version.kind());
        out.text(version.description());
        entries(version.metrics(), (name, value) -> {
            out.word(name);
            out.word(value.toString());
        });
        words(version.parameters());
        words(version.tags());
        out.number(version.parent().isPresent() ? version.parent().get().value() : 0);
        out.all(version.dataSets(), data -> {
            out.word(data.name());
            out.digest(data.digest());
        });
        optional(version.codeCommit(), out::text);
        out.digest(version.artifact());
        out.signed(version.fileCount());
        out.signed(version.byteCount());
        out.digest(version.bundle());
        optional(version.publisher(), out::digest);
        out.word(version.status());
        out.principal(version.author());
        out.time(version.registeredAt());
        out.number(version.position().size());
        optional(version.source(), this::source);
        optional(version.answers(), request -> out.number(request.size()));
        roles(state.authorRoles());
        out.all(
                state.certifiers().stream()
                        .sorted(Comparator.comparing(Digest::toString))
                        .toList(),
                out::digest);
        out.all(state.judgements(), this::judgement);
        out.all(state.evidence(), this::evidence);
        entries(state.statements(), (position, statement) -> {
            out.number(position.size());
            out.digest(statement);
        });
        out.all(state.comments(), this::comment);
    }

    private void source(ModelVersion.Source source) {
        out.word(source.logKey().text());
        out.word(source.version().toString());
        out.principal(source.author());
        out.number(source.parent().isPresent() ? source.parent().get().value() : 0);
        out.signed(source.checkpoint().size());
        out.digest(source.root());
        out.digest(source.registration());
        out.digest(source.pack());
        out.digest(source.entries());
    }

    private void judgement(Judgement judgement) {
        Approval approval = judgement.approval();
        out.word(approval.environment().value());
        out.octet(approval.verdict() == Approval.Verdict.APPROVED ? 1 : 0);
        out.principal(approval.by());
        optional(approval.reason(), this::text);
        out.digest(approval.artifact());
        out.all(
                approval.evidence().stream()
                        .sorted(Comparator.comparing(Digest::toString))
                        .toList(),
                out::digest);
        out.digest(approval.policy());
        out.time(approval.at());
        out.number(approval.position().size());
        optional(approval.signer(), out::digest);
        roles(judgement.rolesThen());
    }

    private void evidence(Evidence evidence) {
        out.word(evidence.type());
        out.digest(evidence.digest());
        out.signed(evidence.size());
        out.principal(evidence.by());
        out.time(evidence.at());
        out.number(evidence.position().size());
        out.all(
                evidence.signers().stream()
                        .sorted(Comparator.comparing(Digest::toString))
                        .toList(),
                out::digest);
        optional(evidence.outcome(), outcome -> out.word(outcome.name()));
    }

    private void comment(Comment comment) {
        text(comment.text());
        out.principal(comment.by());
        out.time(comment.at());
        out.number(comment.position().size());
    }

    /** The state of a log has texts that stand in the log, and commitments; never what was looked up elsewhere. */
    private void text(ErasableText text) {
        if (text instanceof ErasableText.Kept kept) {
            out.octet(1);
            out.text(kept.value());
        } else if (text instanceof ErasableText.Unavailable committed) {
            out.octet(0);
            out.digest(committed.commitment());
        } else {
            throw new IllegalArgumentException("an erased text is no part of a state");
        }
    }

    private void revision(PolicyRevision revision) {
        out.signed(revision.number());
        out.digest(revision.digest());
        optional(revision.proposer(), out::principal);
        optional(revision.installer(), out::principal);
        optional(revision.reason(), this::text);
        out.time(revision.at());
        out.number(revision.position().size());
    }

    private void proposal(PolicyProposal proposal) {
        out.digest(proposal.digest());
        out.signed(proposal.basedOn());
        out.signed(proposal.revision());
        optional(proposal.bundle(), out::digest);
        out.principal(proposal.by());
        optional(proposal.reason(), this::text);
        out.time(proposal.at());
        out.number(proposal.position().size());
    }

    private void roles(Set<Role> roles) {
        out.all(roles.stream().map(Role::value).sorted().toList(), out::word);
    }

    private void words(Map<String, String> map) {
        entries(map, (key, value) -> {
            out.word(key);
            out.word(value);
        });
    }

    private <K extends Comparable<K>, V> void entries(Map<K, V> map, BiConsumer<K, V> how) {
        out.number(map.size());
        new TreeMap<>(map).forEach(how);
    }

    private <T> void optional(Optional<T> value, Consumer<T> how) {
        out.octet(value.isPresent() ? 1 : 0);
        value.ifPresent(how);
    }
}
