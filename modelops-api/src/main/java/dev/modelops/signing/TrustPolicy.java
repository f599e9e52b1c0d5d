package dev.modelops.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.Principal;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Whose signatures a log believes, and for what: keys, the roles they fill, how many of them must agree, and which keys are
 * believed no longer. Immutable; every method that sets something returns a changed copy, and what exists is consistent.
 *
 * <p>A log begins with the keys of its genesis. Version 1 takes their place once as many of the genesis's root keys have
 * signed it as its root threshold says, and as many of its own. Every later version is exactly one more than the version in
 * force and is signed by enough root keys of both. So a root key is exchanged by those who hold the others, and nobody who
 * lacks them can skip a version, go back to an old one, or run ahead.
 *
 * <pre>{@code
 * TrustPolicy first = TrustPolicy.of("example.org/models", 2, List.of(rootA, rootB, rootC))
 *         .role(TrustPolicy.PUBLISHER, 1, ci)
 *         .role(TrustPolicy.PUBLISHER, "credit-*", 1, creditCi)
 *         .role(TrustPolicy.TESTER, 2, labA, labB, labC)
 *         .role(TrustPolicy.APPROVER, 1, TrustPolicy.Key.of(veraKey).owner(vera));
 * TrustPolicy second = first.next().roots(2, List.of(rootA, rootB, rootD)).revoke(ci, "laptop stolen");
 * }</pre>
 *
 * <p>What was signed is judged by the policy in force when it was recorded, at the log time of its entry: who loses a role
 * signs nothing new, and what they signed before stands. Revoking a key is stronger: what it signed counts no longer if it
 * was recorded at or after a position of the log, by default that of the policy which revokes it; what was recorded before
 * goes on counting.
 */
public final class TrustPolicy {
    /** The role of those who sign trust policies and recoveries, offline. Their keys are Ed25519 and do not expire. */
    public static final String ROOT = "root";

    /**
     * The role of those who sign models, and statements about them of kinds that no other role is for. One signature is
     * enough, for that of a model has room for one; have more people agree by statements of other roles.
     */
    public static final String PUBLISHER = "publisher";

    /** The role of those who state how a model was made. */
    public static final String BUILDER = "builder";

    /** The role of those who sign results of tests. */
    public static final String TESTER = "tester";

    /** The role of those who sign verification summaries. */
    public static final String VERIFIER = "verifier";

    /** The role of persons who approve by their own key. Each of their keys has an owner. */
    public static final String APPROVER = "approver";

    /** Stands for all models. */
    public static final String ALL_MODELS = "*";

    private static final Pattern ROLE = Pattern.compile("[a-z][a-z0-9-]{0,63}");
    private static final Pattern MODELS = Pattern.compile("\\*|[a-z0-9][a-z0-9._-]{0,127}\\*?");
    private static final int MOST_KEYS = 256;
    private static final int MOST_ROLES = 128;
    private static final int MOST_AUTHORITIES = 16;
    private static final int LONGEST_REASON = 200;

    private final String log;
    private final int version;
    private final Map<Digest, Key> keys;
    private final List<Role> roles;
    private final List<X509Certificate> authorities;
    private final List<Revocation> revocations;

    /**
     * A key, and what is said of it.
     *
     * @param publicKey the key
     * @param owner whose it is: several keys of one owner count as one
     * @param notBefore the log time from which on it is believed, if there is one
     * @param notAfter the log time up to which it is believed, if there is one
     */
    public record Key(
            PublicKey publicKey, Optional<Principal> owner, Optional<Instant> notBefore, Optional<Instant> notAfter) {
        /**
         * Creates a key.
         *
         * @param publicKey the key
         * @param owner whose it is
         * @param notBefore the log time from which on it is believed
         * @param notAfter the log time up to which it is believed
         * @throws IllegalArgumentException if it is believed at no time, or has no encoded form
         */
        public Key {
            if (publicKey.getEncoded() == null) {
                throw new IllegalArgumentException("key must have an encoded form, but has none");
            }
            if (notBefore.isPresent() && notAfter.isPresent() && notAfter.get().isBefore(notBefore.get())) {
                throw new IllegalArgumentException("key must be believed until after " + notBefore.get()
                        + ", from when on it is, but is until " + notAfter.get());
            }
        }

        /**
         * Returns a key of which nothing further is said.
         *
         * @param publicKey the key
         * @return the key
         */
        public static Key of(PublicKey publicKey) {
            return new Key(publicKey, Optional.empty(), Optional.empty(), Optional.empty());
        }

        /**
         * Sets whose it is.
         *
         * @param principal the owner
         * @return the changed copy
         */
        public Key owner(Principal principal) {
            return new Key(publicKey, Optional.of(principal), notBefore, notAfter);
        }

        /**
         * Sets the time from which on it is believed.
         *
         * @param time the first log time
         * @return the changed copy
         */
        public Key from(Instant time) {
            return new Key(publicKey, owner, Optional.of(time), notAfter);
        }

        /**
         * Sets the time up to which it is believed.
         *
         * @param time the last log time
         * @return the changed copy
         */
        public Key until(Instant time) {
            return new Key(publicKey, owner, notBefore, Optional.of(time));
        }

        /**
         * Returns the digest that names the key.
         *
         * @return SHA-256 over its SubjectPublicKeyInfo in DER
         */
        public Digest id() {
            return Digest.sha256Of(Bytes.of(publicKey.getEncoded()));
        }

        /**
         * Tells whether it is believed at a time.
         *
         * @param time the time, in log time
         * @return whether it is
         */
        public boolean isBelievedAt(Instant time) {
            return notBefore.map(first -> !time.isBefore(first)).orElse(true)
                    && notAfter.map(last -> !time.isAfter(last)).orElse(true);
        }

        /**
         * Returns who stands behind the key: its owner, or where none is named, the key itself.
         *
         * @return a text that is the same for all keys of one owner
         */
        public String holder() {
            return owner.map(Principal::toString).orElseGet(() -> id().toString());
        }

        /** Compares what is said of it, and the key by its encoded form, whichever library holds it. */
        @Override
        public boolean equals(@Nullable Object other) {
            return other instanceof Key that
                    && id().equals(that.id())
                    && owner.equals(that.owner)
                    && notBefore.equals(that.notBefore)
                    && notAfter.equals(that.notAfter);
        }

        @Override
        public int hashCode() {
            return id().hashCode();
        }
    }

    /**
     * Who fills a role for some models.
     *
     * @param name the role: one of the constants of {@link TrustPolicy}, or any other, for statements of every kind
     * @param models the models that it is for: a name, the beginning of names followed by {@code *}, or {@code *} alone for
     *     all. For a model only the entry with the longest of those that fit counts.
     * @param threshold how many holders of the keys must agree, all different
     * @param keys the keys, by {@link Key#id}; copied in
     */
    public record Role(String name, String models, int threshold, Set<Digest> keys) {
        /**
         * Creates a value.
         *
         * @param name the role
         * @param models the models that it is for
         * @param threshold how many must agree
         * @param keys the keys
         * @throws IllegalArgumentException if a name has another form, or the threshold does not fit
         */
        public Role {
            keys = Set.copyOf(keys);
            if (!ROLE.matcher(name).matches()) {
                throw new IllegalArgumentException(
                        "role must be 1 to 64 characters a-z, 0-9 or hyphen, beginning with a" + " letter, but was '"
                                + name + "'");
            }
            if (!MODELS.matcher(models).matches()) {
                throw new IllegalArgumentException(
                        "models must be a model name, the beginning of one followed by '*', or" + " '*', but was '"
                                + models + "'");
            }
            if (threshold < 1) {
                throw new IllegalArgumentException("threshold must be at least 1, but was " + threshold);
            }
            if (name.equals(PUBLISHER) && threshold != 1) {
                throw new IllegalArgumentException(
                        "the threshold of publishers must be 1, as the signature of a model has"
                                + " room for one, but was " + threshold
                                + "; have others agree by statements, and demand their role in policy");
            }
            if (name.equals(ROOT) && !models.equals(ALL_MODELS)) {
                throw new IllegalArgumentException(
                        "root keys are for all models, but were limited to '" + models + "'");
            }
        }

        private boolean fits(ModelName model) {
            return models.endsWith("*")
                    ? model.value().startsWith(models.substring(0, models.length() - 1))
                    : model.value().equals(models);
        }
    }

    /**
     * That a key is believed no longer.
     *
     * @param key the key, by {@link Key#id}; also one that only a certificate names
     * @param from the first position of the log at which what it signed no longer counts; empty for that of the policy
     *     which revokes it
     * @param reason why, kept in the log in clear for ever, 1 to 200 characters
     */
    public record Revocation(Digest key, Optional<LogPosition> from, String reason) {
        /**
         * Creates a value.
         *
         * @param key the key
         * @param from the first position at which what it signed no longer counts
         * @param reason why
         * @throws IllegalArgumentException if the reason is empty or too long, or the position is that before all entries
         */
        public Revocation {
            if (reason.isBlank() || reason.length() > LONGEST_REASON) {
                throw new IllegalArgumentException("the reason of a revocation must have 1 to " + LONGEST_REASON
                        + " characters and not be blank, but had " + reason.length());
            }
            if (from.isPresent() && from.get().size() < 1) {
                throw new IllegalArgumentException(
                        "a key can be revoked from position 1 on, but was from " + from.get());
            }
        }
    }

    private TrustPolicy(
            String log,
            int version,
            Collection<Key> keys,
            Collection<Role> roles,
            List<X509Certificate> authorities,
            Collection<Revocation> revocations) {
        this.log = log;
        this.version = version;
        this.roles = roles.stream()
                .sorted(Comparator.comparing(Role::name).thenComparing(Role::models))
                .toList();
        Set<Digest> used = this.roles.stream()
                .flatMap(role -> role.keys().stream())
                .collect(Collectors.toCollection(HashSet::new));
        Map<Digest, Key> kept = new TreeMap<>(Comparator.comparing(Digest::toString));
        keys.stream().filter(key -> used.contains(key.id())).forEach(key -> kept.put(key.id(), key));
        this.keys = new LinkedHashMap<>(kept);
        this.authorities = List.copyOf(authorities);
        this.revocations = revocations.stream()
                .sorted(Comparator.comparing(revocation -> revocation.key().toString()))
                .toList();
        requireConsistent();
    }

    /**
     * Returns version 1 of a policy, with root keys and nothing else.
     *
     * @param log the identity of the log: {@link dev.modelops.Genesis#origin}, as it was at the beginning
     * @param threshold how many root keys must sign the next version together
     * @param roots the root keys
     * @return the policy
     * @throws IllegalArgumentException if there are fewer distinct keys than the threshold
     */
    public static TrustPolicy of(String log, int threshold, List<PublicKey> roots) {
        List<Key> keys = roots.stream().map(Key::of).toList();
        return new TrustPolicy(log, 1, keys, List.of(role(ROOT, ALL_MODELS, threshold, keys)), List.of(), List.of());
    }

    /**
     * Returns a policy made of its parts, as {@link #log}, {@link #version} and so on give them.
     *
     * @param log the identity of the log
     * @param version the version, from 1
     * @param keys the keys that roles name, each once
     * @param roles the roles, among them {@link #ROOT}
     * @param authorities the authorities that certify publishers
     * @param revocations the keys revoked
     * @return the policy
     * @throws IllegalArgumentException if the parts do not fit together
     */
    public static TrustPolicy of(
            String log,
            int version,
            Collection<Key> keys,
            Collection<Role> roles,
            List<X509Certificate> authorities,
            Collection<Revocation> revocations) {
        TrustPolicy policy = new TrustPolicy(log, version, keys, roles, authorities, revocations);
        if (policy.keys.size() != keys.size()) {
            throw new IllegalArgumentException("every key must be there once and fill a role, but of " + keys.size()
                    + " keys only " + policy.keys.size() + " do");
        }
        return policy;
    }

    /**
     * Returns this policy as the next version, to be changed and signed. What it revokes stays revoked and is not repeated.
     *
     * @return the changed copy
     */
    public TrustPolicy next() {
        return new TrustPolicy(log, Math.addExact(version, 1), keys.values(), roles, authorities, List.of());
    }

    /**
     * Sets the root keys.
     *
     * @param threshold how many of them must sign the next version together
     * @param roots the keys, Ed25519
     * @return the changed copy
     * @throws IllegalArgumentException if there are fewer distinct keys than the threshold
     */
    public TrustPolicy roots(int threshold, List<PublicKey> roots) {
        return role(ROOT, threshold, roots.toArray(PublicKey[]::new));
    }

    /**
     * Sets who fills a role for all models for which nobody else is named.
     *
     * @param name the role
     * @param threshold how many of them must agree
     * @param publicKeys the keys; what is said already of one of them stays
     * @return the changed copy
     * @throws IllegalArgumentException if the threshold does not fit, or a key was revoked here
     */
    public TrustPolicy role(String name, int threshold, PublicKey... publicKeys) {
        return role(name, ALL_MODELS, threshold, publicKeys);
    }

    /**
     * Sets who fills a role for some models.
     *
     * @param name the role
     * @param models a model name, the beginning of names followed by {@code *}, or {@code *} alone
     * @param threshold how many of them must agree
     * @param publicKeys the keys; what is said already of one of them stays
     * @return the changed copy
     * @throws IllegalArgumentException if the threshold does not fit, or a key was revoked here
     */
    public TrustPolicy role(String name, String models, int threshold, PublicKey... publicKeys) {
        return role(
                name,
                models,
                threshold,
                Stream.of(publicKeys)
                        .map(key -> keys.getOrDefault(Key.of(key).id(), Key.of(key)))
                        .toArray(Key[]::new));
    }

    /**
     * Sets who fills a role for all models for which nobody else is named.
     *
     * @param name the role
     * @param threshold how many of them must agree
     * @param of the keys, with what is said of them in all roles from now on
     * @return the changed copy
     * @throws IllegalArgumentException if the threshold does not fit, or a key was revoked here
     */
    public TrustPolicy role(String name, int threshold, Key... of) {
        return role(name, ALL_MODELS, threshold, of);
    }

    /**
     * Sets who fills a role for some models.
     *
     * @param name the role
     * @param models a model name, the beginning of names followed by {@code *}, or {@code *} alone
     * @param threshold how many of them must agree
     * @param of the keys, with what is said of them in all roles from now on
     * @return the changed copy
     * @throws IllegalArgumentException if the threshold does not fit, or a key was revoked here
     */
    public TrustPolicy role(String name, String models, int threshold, Key... of) {
        Role role = role(name, models, threshold, List.of(of));
        TrustPolicy changed = changed(roleList -> roleList.add(role), name, models, List.of(of));
        changed.requireEnough(role);
        return changed;
    }

    /**
     * Leaves a role for some models to whoever is named for more of them, or to nobody.
     *
     * @param name the role
     * @param models as it was given
     * @return the changed copy
     * @throws IllegalArgumentException for the root keys, without which no next version could be signed
     */
    public TrustPolicy withoutRole(String name, String models) {
        return changed(roleList -> {}, name, models, List.of());
    }

    /**
     * Trusts an authority to certify keys that sign models, for all models for which no publisher is named apart.
     *
     * @param certificate the trust anchor
     * @return the changed copy
     */
    public TrustPolicy authority(X509Certificate certificate) {
        List<X509Certificate> all = new ArrayList<>(authorities);
        all.add(certificate);
        return new TrustPolicy(log, version, keys.values(), roles, all, revocations);
    }

    /**
     * Revokes a key from the position on at which this version comes into force, and takes it out of all roles. A role that
     * is left with fewer keys than its threshold is filled by nobody until others are named.
     *
     * @param key the key
     * @param reason why, kept in the log in clear for ever, 1 to 200 characters
     * @return the changed copy
     * @throws IllegalArgumentException if too few root keys would be left; name others first
     */
    public TrustPolicy revoke(PublicKey key, String reason) {
        return revoke(new Revocation(Key.of(key).id(), Optional.empty(), reason));
    }

    /**
     * Revokes a key from an earlier position on, since when it is known to have been in wrong hands, and takes it out of all
     * roles. Versions that were registered there or later with its signature are no longer trusted.
     *
     * @param key the key
     * @param from the position, as {@link dev.modelops.registry.ModelVersion#position} says it; no later than that at which
     *     this version comes into force
     * @param reason why, kept in the log in clear for ever, 1 to 200 characters
     * @return the changed copy
     * @throws IllegalArgumentException if too few root keys would be left; name others first
     */
    public TrustPolicy revoke(PublicKey key, LogPosition from, String reason) {
        return revoke(new Revocation(Key.of(key).id(), Optional.of(from), reason));
    }

    /**
     * Revokes a key, also one that only a certificate names, and takes it out of all roles and authorities. Models signed
     * under certificates that lead to it are not registered or loaded from there on.
     *
     * @param revocation which, from where on and why
     * @return the changed copy
     * @throws IllegalArgumentException if too few root keys would be left; name others first
     */
    public TrustPolicy revoke(Revocation revocation) {
        List<Role> left = new ArrayList<>();
        for (Role role : roles) {
            Set<Digest> others = new HashSet<>(role.keys());
            others.remove(revocation.key());
            left.add(new Role(role.name(), role.models(), role.threshold(), others));
        }
        List<Revocation> all = new ArrayList<>(revocations);
        all.removeIf(one -> one.key().equals(revocation.key()));
        all.add(revocation);
        List<X509Certificate> anchors = new ArrayList<>(authorities);
        anchors.removeIf(anchor -> Key.of(anchor.getPublicKey()).id().equals(revocation.key()));
        return new TrustPolicy(log, version, keys.values(), left, anchors, all);
    }

    /**
     * Returns the identity of the log that this is for.
     *
     * @return the origin that the log began with
     */
    public String log() {
        return log;
    }

    /**
     * Returns the version.
     *
     * @return the version, from 1
     */
    public int version() {
        return version;
    }

    /**
     * Returns the keys that fill a role.
     *
     * @return the keys, by {@link Key#id}
     */
    public List<Key> keys() {
        return List.copyOf(keys.values());
    }

    /**
     * Returns a key.
     *
     * @param id the digest that names it
     * @return the key, empty if it fills no role
     */
    public Optional<Key> key(Digest id) {
        return Optional.ofNullable(keys.get(id));
    }

    /**
     * Returns who fills which role.
     *
     * @return the roles, by name and models
     */
    public List<Role> roles() {
        return roles;
    }

    /**
     * Returns who fills a role for a model.
     *
     * @param name the role
     * @param model the model
     * @return the entry whose models fit it most closely, empty if there is none
     */
    public Optional<Role> role(String name, ModelName model) {
        Role found = null;
        for (Role role : roles) {
            if (role.name().equals(name) && role.fits(model) && (found == null || isCloser(role, found))) {
                found = role;
            }
        }
        return Optional.ofNullable(found);
    }

    /**
     * Returns the root keys with their threshold.
     *
     * @return the role
     */
    public Role root() {
        return roles.stream()
                .filter(role -> role.name().equals(ROOT))
                .findFirst()
                .orElseThrow(() -> new IllegalStateException("a trust policy has root keys"));
    }

    /**
     * Returns the authorities that certify publishers.
     *
     * @return the trust anchors
     */
    public List<X509Certificate> authorities() {
        return authorities;
    }

    /**
     * Returns which keys this version revokes.
     *
     * @return the revocations, by key
     */
    public List<Revocation> revocations() {
        return revocations;
    }

    /**
     * Counts who stands behind some keys.
     *
     * @param ids digests of keys
     * @return how many different holders they have; those of no key here count as one each
     */
    public int holders(Collection<Digest> ids) {
        Set<String> holders = new HashSet<>();
        ids.forEach(id -> holders.add(key(id).map(Key::holder).orElseGet(id::toString)));
        return holders.size();
    }

    /** Names the exact model before the beginning of a name, and the longer beginning before the shorter. */
    private static boolean isCloser(Role one, Role other) {
        boolean isExact = !one.models().endsWith("*");
        boolean isOtherExact = !other.models().endsWith("*");
        return isExact == isOtherExact ? one.models().length() > other.models().length() : isExact;
    }

    private static Role role(String name, String models, int threshold, List<Key> of) {
        Set<Digest> ids = of.stream().map(Key::id).collect(Collectors.toSet());
        if (ids.size() < of.size()) {
            throw new IllegalArgumentException(
                    "the keys of role '" + name + "' must be different, but one was given twice");
        }
        return new Role(name, models, threshold, ids);
    }

    private TrustPolicy changed(Consumer<List<Role>> change, String name, String models, List<Key> of) {
        List<Role> others = new ArrayList<>(roles);
        others.removeIf(role -> role.name().equals(name) && role.models().equals(models));
        change.accept(others);
        Map<Digest, Key> all = new LinkedHashMap<>(keys);
        of.forEach(key -> all.put(key.id(), key));
        return new TrustPolicy(log, version, all.values(), others, authorities, revocations);
    }

    private void requireConsistent() {
        if (log.isBlank()) {
            throw new IllegalArgumentException("a trust policy must name the log it is for, but names none");
        }
        if (version < 1) {
            throw new IllegalArgumentException("the version of a trust policy is at least 1, but was " + version);
        }
        requireAtMost("keys", keys.size(), MOST_KEYS);
        requireAtMost("roles", roles.size(), MOST_ROLES);
        requireAtMost("revocations", revocations.size(), MOST_KEYS);
        requireAtMost("authorities", authorities.size(), MOST_AUTHORITIES);
        Set<String> entries = new HashSet<>();
        for (Role role : roles) {
            if (!entries.add(role.name() + " " + role.models())) {
                throw new IllegalArgumentException(
                        "role '" + role.name() + "' for the models '" + role.models() + "' is there twice");
            }
            requireFilled(role);
        }
        if (!entries.contains(ROOT + " " + ALL_MODELS)) {
            throw new IllegalArgumentException("a trust policy must name its root keys, but names none");
        }
        requireEnough(root());
        Set<Digest> revoked = new TreeSet<>(Comparator.comparing(Digest::toString));
        for (Revocation revocation : revocations) {
            if (!revoked.add(revocation.key())) {
                throw new IllegalArgumentException("key " + revocation.key() + " is revoked twice");
            }
            if (authorities.stream()
                    .anyMatch(anchor -> Key.of(anchor.getPublicKey()).id().equals(revocation.key()))) {
                throw new IllegalArgumentException(
                        "key " + revocation.key() + " is revoked and cannot be that of an authority; leave it out");
            }
            if (keys.containsKey(revocation.key())) {
                throw new IllegalArgumentException(
                        "key " + revocation.key() + " is revoked and cannot fill a role; give its holder a new key");
            }
        }
    }

    private void requireFilled(Role role) {
        for (Digest id : role.keys()) {
            Key key = keys.get(id);
            if (key == null) {
                throw new IllegalArgumentException("role '" + role.name() + "' names a key that is not there: " + id);
            }
            if (role.name().equals(APPROVER) && key.owner().isEmpty()) {
                throw new IllegalArgumentException(
                        "the key of an approver must say whose it is, but " + id + " does not; set its owner");
            }
            if (role.name().equals(ROOT)
                    && (key.notBefore().isPresent() || key.notAfter().isPresent())) {
                throw new IllegalArgumentException("root keys must not expire, or nobody could mend it, but " + id
                        + " does; exchange them by a next version instead");
            }
        }
    }

    private void requireEnough(Role role) {
        int holders = holders(role.keys());
        if (holders < role.threshold()) {
            throw new IllegalArgumentException("role '" + role.name() + "' for the models '" + role.models()
                    + "' needs " + role.threshold() + " different holders of keys, but has " + holders);
        }
    }

    private static void requireAtMost(String what, int found, int most) {
        if (found > most) {
            throw new IllegalArgumentException(
                    "a trust policy may have " + most + " " + what + ", but would have " + found);
        }
    }

    @Override
    public boolean equals(@Nullable Object other) {
        return other instanceof TrustPolicy that
                && log.equals(that.log)
                && version == that.version
                && keys.equals(that.keys)
                && roles.equals(that.roles)
                && authorities.equals(that.authorities)
                && revocations.equals(that.revocations);
    }

    @Override
    public int hashCode() {
        return 31 * log.hashCode() + version;
    }

    /** Returns which it is, such as {@code trust policy 2 of example.org/models}. */
    @Override
    public String toString() {
        return "trust policy " + version + " of " + log;
    }
}
