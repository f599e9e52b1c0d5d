package dev.modelops.core.internal.state;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.VersionConflictException;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.Bundle;
import dev.modelops.core.internal.signing.PublisherTrust;
import dev.modelops.core.internal.signing.TrustEnvelope;
import dev.modelops.core.internal.signing.VerifiedStatement;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.TrustPolicy.Key;
import dev.modelops.signing.TrustPolicy.Revocation;
import dev.modelops.signing.TrustPolicy.Role;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Whose signatures a log believes: the keys of genesis until a trust policy takes their place, every policy since, and from
 * where on which keys are revoked. Immutable.
 *
 * @param publishers the publishers of genesis
 * @param authorities the authorities of genesis that certify publishers
 * @param installed the policies put into force, oldest first: version 1, 2, and so on
 * @param revoked the first position at which what a key signed no longer counts
 */
public record Trust(
        List<PublicKey> publishers,
        List<X509Certificate> authorities,
        List<Installed> installed,
        Map<Digest, LogPosition> revoked) {

    /** A policy, and where it came into force: for what is recorded after that position. */
    public record Installed(TrustPolicy policy, LogPosition position) {}

    /** A key that was believed to fill a role, and who stands behind it. */
    public record Holder(Digest key, String holder) {}

    /** Copies the collections in. */
    public Trust {
        publishers = List.copyOf(publishers);
        authorities = List.copyOf(authorities);
        installed = List.copyOf(installed);
        revoked = Map.copyOf(revoked);
    }

    static Trust of(List<PublicKey> publishers, List<X509Certificate> authorities) {
        return new Trust(publishers, authorities, List.of(), Map.of());
    }

    /** Returns the version in force, 0 where no policy was installed. */
    public int version() {
        return installed.size();
    }

    /** Returns the policy in force, or null where the keys of genesis count. */
    public @Nullable TrustPolicy policy() {
        return installed.isEmpty() ? null : installed.get(installed.size() - 1).policy();
    }

    /** Returns the policy that what was recorded at a position is judged by, or null for the keys of genesis. */
    public @Nullable TrustPolicy policyAt(LogPosition recorded) {
        for (int i = installed.size() - 1; i >= 0; i--) {
            if (installed.get(i).position().compareTo(recorded) < 0) {
                return installed.get(i).policy();
            }
        }
        return null;
    }

    /** Tells whether what a key signed no longer counts if it was recorded at a position. */
    public boolean isRevoked(Digest key, LogPosition recorded) {
        LogPosition from = revoked.get(key);
        return from != null && from.compareTo(recorded) <= 0;
    }

    /**
     * Verifies the signature of a model, and only then reads what it says.
     *
     * @param recorded the position at which it is, or is to be, recorded
     * @param at the log time there
     * @throws VerificationException as {@link PublisherTrust#verify} does, or if the key is revoked there
     */
    public VerifiedStatement verify(Bundle bundle, ModelName model, LogPosition recorded, Instant at) {
        TrustPolicy policy = policyAt(recorded);
        PublisherTrust trust = policy == null
                ? PublisherTrust.of(publishers, unrevoked(authorities, recorded))
                : PublisherTrust.of(
                        keys(policy, TrustPolicy.PUBLISHER, model, at),
                        isOpen(policy, model) ? unrevoked(policy.authorities(), recorded) : List.of());
        VerifiedStatement statement = trust.verify(bundle, at);
        statement.by().keys().forEach(key -> requireUnrevoked(key, recorded));
        bundle.certificates()
                .forEach(certificate -> requireUnrevoked(Crypto.keyDigest(certificate.getPublicKey()), recorded));
        return statement;
    }

    private List<X509Certificate> unrevoked(List<X509Certificate> anchors, LogPosition recorded) {
        return anchors.stream()
                .filter(anchor -> !isRevoked(Crypto.keyDigest(anchor.getPublicKey()), recorded))
                .toList();
    }

    /** Authorities certify whoever they like, so they are not asked for models whose publishers are named apart. */
    private static boolean isOpen(TrustPolicy policy, ModelName model) {
        return policy.role(TrustPolicy.PUBLISHER, model)
                .map(role -> role.models().equals(TrustPolicy.ALL_MODELS))
                .orElse(true);
    }

    private void requireUnrevoked(Digest key, LogPosition recorded) {
        if (isRevoked(key, recorded)) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "model must be signed by a trusted key, but its signature is by, or certified by, " + key
                            + ", which is revoked from position " + revoked.get(key)
                            + " of the log on; have it signed by another and register it as a new version");
        }
    }

    /** Tells whether a key, or who certifies it, is named to sign models of any name, whatever the time. */
    public boolean mayPublish(Digest key, boolean isCertified) {
        TrustPolicy policy = policy();
        if (revoked.containsKey(key)) {
            return false;
        }
        if (isCertified) {
            return !(policy == null ? authorities : policy.authorities()).isEmpty();
        }
        return policy == null
                ? publishers.stream().anyMatch(known -> Crypto.keyDigest(known).equals(key))
                : policy.roles().stream()
                        .anyMatch(role -> role.name().equals(TrustPolicy.PUBLISHER)
                                && role.keys().contains(key));
    }

    /** Tells whether a key is believed at a log time, as far as the policy in force says anything of it. */
    public boolean isBelieved(Digest key, Instant at) {
        TrustPolicy policy = policy();
        return policy == null
                || policy.key(key).map(known -> known.isBelievedAt(at)).orElse(true);
    }

    /**
     * Returns whose signatures on statements about a model count for anything, whatever the time.
     *
     * @param recorded the position at which the statement is, or is to be, recorded
     */
    public Map<Digest, Key> witnesses(ModelName model, LogPosition recorded) {
        Map<Digest, Key> found = new LinkedHashMap<>();
        TrustPolicy policy = policyAt(recorded);
        if (policy == null) {
            publishers.forEach(key -> found.put(Crypto.keyDigest(key), Key.of(key)));
            return found;
        }
        Set<String> names = new TreeSet<>();
        policy.roles().forEach(role -> names.add(role.name()));
        names.remove(TrustPolicy.ROOT);
        for (String name : names) {
            policy.role(name, model)
                    .ifPresent(role -> role.keys().forEach(id -> policy.key(id).ifPresent(key -> found.put(id, key))));
        }
        found.keySet().removeIf(key -> isRevoked(key, recorded));
        return found;
    }

    /** Returns those of some keys that are believed at a log time, as far as the policy in force says anything of them. */
    public Set<Digest> believed(Set<Digest> keys, Instant at) {
        return keys.stream().filter(key -> isBelieved(key, at)).collect(Collectors.toUnmodifiableSet());
    }

    /**
     * Returns who stands behind a key, if it filled a role for a model when what it signed was recorded, and what it signed
     * still counts; null otherwise. Under the keys of genesis, publishers filled every role.
     */
    public @Nullable String holder(Digest key, String role, ModelName model, LogPosition recorded, Instant at) {
        if (isRevoked(key, recorded)) {
            return null;
        }
        TrustPolicy then = policyAt(recorded);
        if (then == null) {
            return holder(key);
        }
        Key known = then.key(key).orElse(null);
        boolean isFilled =
                then.role(role, model).map(entry -> entry.keys().contains(key)).orElse(false);
        return known != null && isFilled && known.isBelievedAt(at) ? holder(key) : null;
    }

    /** Goes by the owner named last, whichever policy named them: or a key would count again once its owner is told. */
    private String holder(Digest key) {
        for (int i = installed.size() - 1; i >= 0; i--) {
            Key known = installed.get(i).policy().key(key).orElse(null);
            if (known != null && known.owner().isPresent()) {
                return known.holder();
            }
        }
        return key.toString();
    }

    /** Returns who fills a role for a model now, or null if nobody does or no policy is in force. */
    public @Nullable Role role(String name, ModelName model) {
        TrustPolicy policy = policy();
        return policy == null ? null : policy.role(name, model).orElse(null);
    }

    private static List<PublicKey> keys(TrustPolicy policy, String role, ModelName model, Instant at) {
        return policy.role(role, model)
                .map(entry -> entry.keys().stream()
                        .flatMap(id -> policy.key(id).stream())
                        .filter(key -> key.isBelievedAt(at))
                        .map(Key::publicKey)
                        .toList())
                .orElse(List.of());
    }

    /**
     * Returns the policy in an envelope, which must be the next one of a log and signed by enough root keys of both.
     *
     * @param log the identity that the log began with
     * @param position where it is to come into force
     * @throws VersionConflictException if it is another version than the next
     * @throws VerificationException if it is not well formed, for another log, or signed by too few
     */
    TrustPolicy next(Bytes envelope, String log, int threshold, List<PublicKey> roots, LogPosition position) {
        if (threshold < 1) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "a trust policy must be signed by root keys, but this log was created without any; it keeps to the"
                            + " keys of its genesis");
        }
        TrustEnvelope read = TrustEnvelope.read(envelope);
        TrustPolicy before = policy();
        requireSigned(read, roots, threshold, before, "the root keys in force");
        TrustPolicy next = read.policy();
        if (!next.log().equals(log)) {
            throw wrong("must be for the log '" + log + "', but is for '" + next.log() + "'");
        }
        if (next.version() != version() + 1) {
            throw new VersionConflictException("the next trust policy of this log has version " + (version() + 1)
                    + ", but this is version " + next.version()
                    + "; take up the policy in force and have its next version"
                    + " signed");
        }
        List<PublicKey> own = next.root().keys().stream()
                .flatMap(id -> next.key(id).stream())
                .map(Key::publicKey)
                .toList();
        requireSigned(read, own, next.root().threshold(), next, "the root keys that it names itself");
        for (Revocation revocation : next.revocations()) {
            LogPosition from = revocation.from().orElse(position);
            if (from.compareTo(position) > 0) {
                throw wrong(
                        "must revoke keys from position " + position + " on at the latest, where it comes into force,"
                                + " but revokes " + revocation.key() + " from " + from + " on");
            }
        }
        for (Key key : next.keys()) {
            if (revoked.containsKey(key.id())) {
                throw wrong("must give no role to a key that was revoked, but does to " + key.id()
                        + "; give its holder a new key");
            }
        }
        for (X509Certificate authority : next.authorities()) {
            Digest key = Crypto.keyDigest(authority.getPublicKey());
            if (revoked.containsKey(key)) {
                throw wrong("must trust no authority whose key was revoked, but does one with the key " + key
                        + "; leave it out");
            }
        }
        return next;
    }

    private static void requireSigned(
            TrustEnvelope envelope, List<PublicKey> keys, int threshold, @Nullable TrustPolicy policy, String whose) {
        Set<Digest> signers = envelope.signers(keys);
        int count = policy == null ? signers.size() : policy.holders(signers);
        if (count < threshold) {
            throw new VerificationException(
                    Reason.UNTRUSTED_KEY,
                    "the trust policy must be signed by " + threshold + " different holders of " + whose
                            + ", but is by " + count + "; have more of them sign it");
        }
    }

    /** Returns what holds from a position on at which a policy comes into force. */
    Trust with(TrustPolicy policy, LogPosition position) {
        List<Installed> all = new ArrayList<>(installed);
        all.add(new Installed(policy, position));
        Map<Digest, LogPosition> keys = new HashMap<>(revoked);
        for (Revocation revocation : policy.revocations()) {
            keys.merge(
                    revocation.key(),
                    revocation.from().orElse(position),
                    (one, other) -> one.compareTo(other) <= 0 ? one : other);
        }
        return new Trust(publishers, authorities, all, keys);
    }

    /** Returns where on a key is revoked, if it is. */
    public Optional<LogPosition> revokedFrom(Digest key) {
        return Optional.ofNullable(revoked.get(key));
    }

    private static VerificationException wrong(String must) {
        return new VerificationException(Reason.INVALID_STATEMENT, "the trust policy " + must);
    }
}
