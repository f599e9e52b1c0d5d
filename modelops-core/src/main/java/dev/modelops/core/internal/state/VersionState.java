package dev.modelops.core.internal.state;

import dev.modelops.Environment;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.registry.Comment;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A version with what people added to it. Immutable.
 *
 * @param authorRoles the roles that counted for the author at the registration
 */
public record VersionState(
        ModelVersion version,
        Set<Role> authorRoles,
        PVector<Judgement> judgements,
        PVector<Evidence> evidence,
        PVector<Comment> comments,
        Derived derived) {

    VersionState(
            ModelVersion version,
            Set<Role> authorRoles,
            PVector<Judgement> judgements,
            PVector<Evidence> evidence,
            PVector<Comment> comments) {
        this(version, authorRoles, judgements, evidence, comments, new Derived());
    }

    static VersionState of(ModelVersion version, Set<Role> authorRoles) {
        return new VersionState(
                version, Set.copyOf(authorRoles), TreePVector.empty(), TreePVector.empty(), TreePVector.empty());
    }

    VersionState judged(Judgement judgement) {
        PVector<Judgement> kept =
                without(judgement.approval().by(), judgement.approval().environment());
        return new VersionState(version, authorRoles, kept.plus(judgement), evidence, comments);
    }

    VersionState withdrawn(Principal by, Environment environment) {
        return new VersionState(version, authorRoles, without(by, environment), evidence, comments);
    }

    VersionState attached(Evidence item) {
        return new VersionState(version, authorRoles, judgements, evidence.plus(item), comments);
    }

    VersionState commented(Comment comment) {
        return new VersionState(version, authorRoles, judgements, evidence, comments.plus(comment));
    }

    VersionState changed(Map<String, String> tags, String status) {
        ModelVersion v = version;
        ModelVersion changed = new ModelVersion(
                v.ref(),
                v.kind(),
                v.description(),
                v.metrics(),
                v.parameters(),
                tags,
                v.parent(),
                v.dataSets(),
                v.codeCommit(),
                v.artifact(),
                v.fileCount(),
                v.byteCount(),
                v.bundle(),
                v.publisher(),
                status,
                v.author(),
                v.registeredAt(),
                v.position(),
                v.source());
        return new VersionState(changed, authorRoles, judgements, evidence, comments);
    }

    /** Tells whether somebody's judgement for an environment stands. */
    public boolean isJudgedBy(Principal by, Environment environment) {
        return judgements.stream().anyMatch(madeBy(by, environment));
    }

    private PVector<Judgement> without(Principal by, Environment environment) {
        return TreePVector.from(
                judgements.stream().filter(madeBy(by, environment).negate()).toList());
    }

    private static Predicate<Judgement> madeBy(Principal by, Environment environment) {
        return judgement -> judgement.approval().by().equals(by)
                && judgement.approval().environment().equals(environment);
    }
}
