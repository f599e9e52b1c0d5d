package dev.modelops.core.internal.state;

import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.registry.Comment;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * A version with what people added to it. Immutable.
 *
 * @param authorRoles the roles that counted for the author at the registration
 * @param statements what was signed of the evidence that trusted keys signed, by the position of the attachment
 * @param certifiers the keys by whose word its publisher was believed
 */
public record VersionState(
        ModelVersion version,
        Set<Role> authorRoles,
        Set<Digest> certifiers,
        PVector<Judgement> judgements,
        PVector<Evidence> evidence,
        PMap<LogPosition, Digest> statements,
        PVector<Comment> comments,
        Derived derived) {

    VersionState(
            ModelVersion version,
            Set<Role> authorRoles,
            Set<Digest> certifiers,
            PVector<Judgement> judgements,
            PVector<Evidence> evidence,
            PMap<LogPosition, Digest> statements,
            PVector<Comment> comments) {
        this(version, authorRoles, certifiers, judgements, evidence, statements, comments, new Derived());
    }

    static VersionState of(ModelVersion version, Set<Role> authorRoles, Set<Digest> certifiers) {
        return new VersionState(
                version,
                Set.copyOf(authorRoles),
                Set.copyOf(certifiers),
                TreePVector.empty(),
                TreePVector.empty(),
                HashTreePMap.empty(),
                TreePVector.empty());
    }

    VersionState judged(Judgement judgement) {
        PVector<Judgement> kept =
                without(judgement.approval().by(), judgement.approval().environment());
        return new VersionState(version, authorRoles, certifiers, kept.plus(judgement), evidence, statements, comments);
    }

    VersionState withdrawn(Principal by, Environment environment) {
        return new VersionState(
                version, authorRoles, certifiers, without(by, environment), evidence, statements, comments);
    }

    VersionState attached(Evidence item, @Nullable Digest statement) {
        if (statement != null && !isNewWord(item.type(), statement, item.signers())) {
            throw new IllegalArgumentException("the statement " + statement + " by " + item.signers()
                    + " is attached to " + item.ref() + " again");
        }
        if (isAttached(item.type(), item.digest())) {
            throw new IllegalArgumentException(
                    "the document " + item.digest() + " is attached to " + item.ref() + " again");
        }
        return new VersionState(
                version,
                authorRoles,
                certifiers,
                judgements,
                evidence.plus(item),
                statement == null ? statements : statements.plus(item.position(), statement),
                comments);
    }

    /** Tells whether a document is attached already. */
    public boolean isAttached(String type, Digest document) {
        return evidence.stream()
                .anyMatch(item -> item.digest().equals(document) && item.type().equals(type));
    }

    /**
     * Tells whether a signed statement says something new. The newest word counts, so an old one must not become the newest
     * in an envelope that is written differently; further people may sign what nothing was said against since.
     */
    public boolean isNewWord(String type, Digest statement, Set<Digest> signers) {
        Set<Digest> known = new HashSet<>();
        for (Evidence item : evidence) {
            Digest said = statements.get(item.position());
            if (said == null || !item.type().equals(type)) {
                continue;
            }
            if (said.equals(statement)) {
                item.signers().stream().filter(signers::contains).forEach(known::add);
            } else if (!known.isEmpty()) {
                return false;
            }
        }
        return !known.containsAll(signers);
    }

    VersionState commented(Comment comment) {
        return new VersionState(
                version, authorRoles, certifiers, judgements, evidence, statements, comments.plus(comment));
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
        return new VersionState(changed, authorRoles, certifiers, judgements, evidence, statements, comments);
    }

    /** Tells whether its signature rests on a key of some kind, be it the publisher's or that of who certified the publisher. */
    public boolean isSignedByAny(Predicate<Digest> which) {
        return version.publisher().filter(which).isPresent()
                || certifiers.stream().anyMatch(which);
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
