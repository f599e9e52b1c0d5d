package dev.modelops;

import dev.modelops.policy.PolicySet;
import dev.modelops.registry.LifeCycle;
import dev.modelops.signing.Signer;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * What the first entry of a log fixes: its identity, its keys, its policy set, where roles come from, and what
 * environments there are. Immutable; every method that sets something returns a changed copy.
 */
public final class Genesis {
    private final String origin;
    private final Signer logSigner;
    private final Signer writer;
    private List<PublicKey> roots = List.of();
    private int rootThreshold;
    private List<PublicKey> writers = List.of();
    private List<PublicKey> publishers = List.of();
    private List<X509Certificate> publisherAuthorities = List.of();
    private List<PublicKey> policyPublishers = List.of();
    private RoleSource roleSource = RoleSource.GRANTS;
    private Map<Principal, Set<Role>> grants = Map.of();
    private Map<Environment, Set<String>> environments = Map.of();
    private LifeCycle lifeCycle = LifeCycle.standard();
    private @Nullable PolicySet policies;

    private Genesis(String origin, Signer logSigner, Signer writer) {
        this.origin = origin;
        this.logSigner = logSigner;
        this.writer = writer;
    }

    private Genesis(Genesis from) {
        this(from.origin, from.logSigner, from.writer);
        this.roots = from.roots;
        this.rootThreshold = from.rootThreshold;
        this.writers = from.writers;
        this.publishers = from.publishers;
        this.publisherAuthorities = from.publisherAuthorities;
        this.policyPublishers = from.policyPublishers;
        this.roleSource = from.roleSource;
        this.grants = from.grants;
        this.environments = from.environments;
        this.lifeCycle = from.lifeCycle;
        this.policies = from.policies;
    }

    /**
     * Returns a genesis with the built-in policies, roles granted in the log, and no environment.
     *
     * @param origin the identity of the log: like a URL without its scheme, such as {@code example.org/models}; 1 to 255
     *     characters without space or {@code +}
     * @param logSigner the Ed25519 key that signs checkpoints
     * @param writer the Ed25519 key that seals entries; may be the same in a small set-up
     * @return the genesis
     * @throws IllegalArgumentException if the origin has another form
     */
    public static Genesis of(String origin, Signer logSigner, Signer writer) {
        if (!origin.matches("[^\\s+\\p{Cntrl}]{1,255}") || origin.chars().anyMatch(Character::isSpaceChar)) {
            throw new IllegalArgumentException(
                    "origin must have 1 to 255 characters without space or '+', but was '" + origin + "'");
        }
        return new Genesis(origin, logSigner, writer);
    }

    /**
     * Enrols the root keys, kept offline: what a log falls back on when its other keys are lost or its history has to be
     * taken up anew, and what signs its first {@linkplain dev.modelops.signing.TrustPolicy trust policy}, which may name
     * others. They are recorded from the beginning, because a log cannot be given them later.
     *
     * @param threshold how many of them must sign together, at least 1
     * @param keys the keys, Ed25519, distinct, at least as many as the threshold; copied in
     * @return the changed copy
     * @throws IllegalArgumentException if there are fewer distinct keys than the threshold
     */
    public Genesis roots(int threshold, List<PublicKey> keys) {
        long distinct =
                keys.stream().map(key -> Bytes.of(key.getEncoded())).distinct().count();
        if (threshold < 1 || distinct < keys.size() || keys.size() < threshold) {
            throw new IllegalArgumentException(
                    "root keys must be distinct and at least as many as their threshold, which"
                            + " is at least 1; but the threshold was " + threshold + " and " + distinct + " of "
                            + keys.size()
                            + " keys were distinct");
        }
        Genesis copy = new Genesis(this);
        copy.roots = List.copyOf(keys);
        copy.rootThreshold = threshold;
        return copy;
    }

    /**
     * Enrols a further writer key.
     *
     * @param key an Ed25519 key
     * @return the changed copy
     */
    public Genesis writer(PublicKey key) {
        Genesis copy = new Genesis(this);
        copy.writers = plus(writers, key);
        return copy;
    }

    /**
     * Trusts a key to sign models, until a {@linkplain dev.modelops.signing.TrustPolicy trust policy} says who does.
     *
     * @param key an EC key on P-256, P-384 or P-521
     * @return the changed copy
     */
    public Genesis publisher(PublicKey key) {
        Genesis copy = new Genesis(this);
        copy.publishers = plus(publishers, key);
        return copy;
    }

    /**
     * Trusts an authority to certify keys that sign models, until a {@linkplain dev.modelops.signing.TrustPolicy trust policy}
     * says who does.
     *
     * @param certificate the trust anchor
     * @return the changed copy
     */
    public Genesis publisherAuthority(X509Certificate certificate) {
        Genesis copy = new Genesis(this);
        copy.publisherAuthorities = plus(publisherAuthorities, certificate);
        return copy;
    }

    /**
     * Enrols a key that signs policy bundles. Once any is enrolled, only policy sets in bundles signed by one of them can
     * be proposed, each with a greater revision than the one in force.
     *
     * @param key an Ed25519 key
     * @return the changed copy
     */
    public Genesis policyPublisher(PublicKey key) {
        Genesis copy = new Genesis(this);
        copy.policyPublishers = plus(policyPublishers, key);
        return copy;
    }

    /**
     * Sets where roles come from; grants by default.
     *
     * @param source the source
     * @return the changed copy
     */
    public Genesis roles(RoleSource source) {
        Genesis copy = new Genesis(this);
        copy.roleSource = source;
        return copy;
    }

    /**
     * Grants a role from the beginning. Without a first administrator nobody can ever grant one.
     *
     * @param principal who receives it
     * @param role the role
     * @return the changed copy
     */
    public Genesis grant(Principal principal, Role role) {
        Genesis copy = new Genesis(this);
        Map<Principal, Set<Role>> map = new TreeMap<>(grants);
        Set<Role> roles = new TreeSet<>(map.getOrDefault(principal, Set.of()));
        roles.add(role);
        map.put(principal, Set.copyOf(roles));
        copy.grants = Map.copyOf(map);
        return copy;
    }

    /**
     * Adds an environment with the gates it requires: rules that must be in the policy set, or nothing is promoted or
     * served there.
     *
     * @param environment the environment
     * @param gates the ids of the rules
     * @return the changed copy
     */
    public Genesis environment(Environment environment, String... gates) {
        Genesis copy = new Genesis(this);
        Map<Environment, Set<String>> map = new TreeMap<>(environments);
        map.put(environment, Set.of(gates));
        copy.environments = Map.copyOf(map);
        return copy;
    }

    /**
     * Sets the life cycle of versions; {@link LifeCycle#standard} by default.
     *
     * @param value the life cycle
     * @return the changed copy
     */
    public Genesis lifeCycle(LifeCycle value) {
        Genesis copy = new Genesis(this);
        copy.lifeCycle = value;
        return copy;
    }

    /**
     * Sets the policy set; the built-in one by default.
     *
     * @param value the policy set
     * @return the changed copy
     */
    public Genesis policies(PolicySet value) {
        Genesis copy = new Genesis(this);
        copy.policies = value;
        return copy;
    }

    /**
     * Returns the identity of the log.
     *
     * @return the origin
     */
    public String origin() {
        return origin;
    }

    /**
     * Returns the key that signs checkpoints.
     *
     * @return the signer
     */
    public Signer logSigner() {
        return logSigner;
    }

    /**
     * Returns the key that seals the first entry.
     *
     * @return the signer
     */
    public Signer writer() {
        return writer;
    }

    /**
     * Returns the root keys.
     *
     * @return the keys, empty if none were enrolled
     */
    public List<PublicKey> roots() {
        return roots;
    }

    /**
     * Returns how many root keys must sign together.
     *
     * @return the threshold, 0 if none were enrolled
     */
    public int rootThreshold() {
        return rootThreshold;
    }

    /**
     * Returns the further writer keys.
     *
     * @return the keys
     */
    public List<PublicKey> writers() {
        return writers;
    }

    /**
     * Returns the keys trusted to sign models.
     *
     * @return the keys
     */
    public List<PublicKey> publishers() {
        return publishers;
    }

    /**
     * Returns the authorities trusted to certify such keys.
     *
     * @return the trust anchors
     */
    public List<X509Certificate> publisherAuthorities() {
        return publisherAuthorities;
    }

    /**
     * Returns the keys that sign policy bundles.
     *
     * @return the keys, empty if policy sets need no signature
     */
    public List<PublicKey> policyPublishers() {
        return policyPublishers;
    }

    /**
     * Returns where roles come from.
     *
     * @return the source
     */
    public RoleSource roleSource() {
        return roleSource;
    }

    /**
     * Returns the first grants.
     *
     * @return roles by principal
     */
    public Map<Principal, Set<Role>> grants() {
        return grants;
    }

    /**
     * Returns the environments with the gates each requires.
     *
     * @return rule ids by environment
     */
    public Map<Environment, Set<String>> environments() {
        return environments;
    }

    /**
     * Returns the life cycle.
     *
     * @return the life cycle
     */
    public LifeCycle lifeCycle() {
        return lifeCycle;
    }

    /**
     * Returns the policy set.
     *
     * @return the set, empty for the built-in one
     */
    public Optional<PolicySet> policies() {
        return Optional.ofNullable(policies);
    }

    private static <E> List<E> plus(List<E> list, E element) {
        List<E> changed = new ArrayList<>(list);
        changed.add(element);
        return List.copyOf(changed);
    }
}
