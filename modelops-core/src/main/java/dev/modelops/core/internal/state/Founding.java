package dev.modelops.core.internal.state;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.LogPosition;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.RoleSource;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.Recovery;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.registry.LifeCycle;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.signing.VerificationException;
import java.io.ByteArrayInputStream;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * What the first entry of a log fixed, with the keys as they are since it was last recovered and its trust policy last
 * changed.
 *
 * @param past the epochs that ended by a recovery, oldest first
 * @param trust who is believed to sign models and statements
 */
public record Founding(
        String origin,
        LogKey logKey,
        List<NoteVerifier> writers,
        int rootThreshold,
        List<PublicKey> roots,
        List<Epoch> past,
        Trust trust,
        List<PublicKey> policyPublishers,
        RoleSource roleSource,
        Map<Principal, Set<Role>> grants,
        Map<Environment, Set<String>> environments,
        LifeCycle lifeCycle,
        Digest policies) {
    /** The member of an entry that holds what was signed of it. */
    public static final String ENVELOPE = "envelope";

    /** Adds the members of a genesis to the payload of a first entry. */
    public static void write(Genesis genesis, LogKey logKey, Digest policies, ObjectNode data) {
        data.put("origin", genesis.origin());
        data.put("logKey", logKey.text());
        data.put("rootThreshold", genesis.rootThreshold());
        ArrayNode roots = data.putArray("roots");
        genesis.roots().forEach(key -> roots.add(base64(key.getEncoded())));
        ArrayNode writers = data.putArray("writers");
        writers.add(base64(genesis.writer().publicKey().getEncoded()));
        genesis.writers().forEach(key -> writers.add(base64(key.getEncoded())));
        ArrayNode publishers = data.putArray("publishers");
        genesis.publishers().forEach(key -> publishers.add(base64(key.getEncoded())));
        ArrayNode authorities = data.putArray("publisherAuthorities");
        genesis.publisherAuthorities().forEach(certificate -> authorities.add(base64(encoded(certificate))));
        if (!genesis.policyPublishers().isEmpty()) {
            ArrayNode policyPublishers = data.putArray("policyPublishers");
            genesis.policyPublishers().forEach(key -> policyPublishers.add(base64(key.getEncoded())));
        }
        data.put("roleSource", genesis.roleSource().name());
        ObjectNode grants = data.putObject("grants");
        new TreeMap<>(genesis.grants()).forEach((principal, roles) -> {
            ArrayNode list = grants.putArray(principal.toString());
            new TreeSet<>(roles).forEach(role -> list.add(role.value()));
        });
        ObjectNode environments = data.putObject("environments");
        new TreeMap<>(genesis.environments()).forEach((environment, gates) -> {
            ArrayNode list = environments.putArray(environment.value());
            new TreeSet<>(gates).forEach(list::add);
        });
        ObjectNode lifeCycle = data.putObject("lifeCycle");
        lifeCycle.put("initial", genesis.lifeCycle().initial());
        ObjectNode states = lifeCycle.putObject("states");
        new TreeMap<>(genesis.lifeCycle().states()).forEach((name, state) -> {
            ObjectNode item = states.putObject(name);
            item.put("promotable", state.promotable());
            item.put("servable", state.servable());
            item.put("final", state.isFinal());
        });
        ArrayNode transitions = lifeCycle.putArray("transitions");
        for (LifeCycle.Transition step : genesis.lifeCycle().transitions()) {
            transitions
                    .addObject()
                    .put("name", step.name())
                    .put("from", step.from())
                    .put("to", step.to());
        }
        data.put("policies", policies.toString());
    }

    /** Reads the first entry; {@link IllegalArgumentException} if it is not one. */
    static Founding read(Entry entry) {
        ObjectNode data = entry.data();
        String origin = Entry.text(data, "origin");
        List<NoteVerifier> writers = new ArrayList<>();
        for (byte[] der : binaries(data, "writers")) {
            writers.add(Seal.verifier(origin, Crypto.publicKey(der)));
        }
        List<PublicKey> roots =
                binaries(data, "roots").stream().map(Crypto::publicKey).toList();
        List<PublicKey> publishers = new ArrayList<>();
        for (byte[] der : binaries(data, "publishers")) {
            publishers.add(Crypto.publicKey(der));
        }
        List<X509Certificate> authorities = new ArrayList<>();
        for (byte[] der : binaries(data, "publisherAuthorities")) {
            authorities.add(certificate(der));
        }
        List<PublicKey> policyPublishers = new ArrayList<>();
        for (byte[] der : binaries(data, "policyPublishers")) {
            policyPublishers.add(Crypto.publicKey(der));
        }
        Map<Principal, Set<Role>> grants = new TreeMap<>();
        data.path("grants").properties().forEach(member -> {
            Set<Role> roles = new TreeSet<>();
            member.getValue().forEach(role -> roles.add(Role.of(role.asText())));
            grants.put(Principal.parse(member.getKey()), Set.copyOf(roles));
        });
        Map<Environment, Set<String>> environments = new TreeMap<>();
        data.path("environments").properties().forEach(member -> {
            Set<String> gates = new TreeSet<>();
            member.getValue().forEach(gate -> gates.add(gate.asText()));
            environments.put(Environment.of(member.getKey()), Set.copyOf(gates));
        });
        return new Founding(
                origin,
                new LogKey(Entry.text(data, "logKey")),
                List.copyOf(writers),
                Math.toIntExact(Entry.number(data, "rootThreshold")),
                roots,
                List.of(),
                Trust.of(publishers, authorities),
                List.copyOf(policyPublishers),
                RoleSource.valueOf(Entry.text(data, "roleSource")),
                Map.copyOf(grants),
                Map.copyOf(environments),
                lifeCycle(data.path("lifeCycle")),
                Digest.parse(Entry.text(data, "policies")));
    }

    /** Returns the origin under which the log would go on if it were recovered. */
    public String nextOrigin() {
        return Recovery.origin(firstOrigin(), past.size() + 2);
    }

    /**
     * Returns what holds from an entry on by which enough holders of root keys let the log go on; {@link
     * IllegalArgumentException} if the entry does not do that.
     */
    public Founding recovered(Entry entry) {
        Recovery recovery;
        List<Digest> signers;
        try {
            SignedNote note = SignedNote.parse(entry.get("note"));
            recovery = Recovery.parse(note.text());
            signers = signers(note);
            if (recovery.lost() != null) {
                requireLost(recovery.lost());
            }
        } catch (NoteException | SigningException e) {
            throw new IllegalArgumentException("the recovery is not good: " + e.getMessage(), e);
        }
        if (!recovery.from().equals(logKey) || recovery.size() != entry.index()) {
            throw new IllegalArgumentException("the root keys signed a recovery of the log with the key "
                    + recovery.from() + " at " + recovery.size() + " entries, but this is the log with the key "
                    + logKey
                    + " at " + entry.index());
        }
        String next = nextOrigin();
        if (!recovery.to().origin().equals(next)) {
            throw new IllegalArgumentException("the log must go on as '" + next + "', but the recovery says '"
                    + recovery.to().origin() + "'");
        }
        NoteVerifier.parse(recovery.to().text());
        List<Epoch> epochs = new ArrayList<>(past);
        epochs.add(new Epoch(
                logKey,
                recovery.size(),
                Digest.sha256(recovery.root()),
                recovery.lost(),
                entry.time(),
                recovery.reason(),
                signers));
        return new Founding(
                next,
                recovery.to(),
                recovery.writers().stream().map(key -> Seal.verifier(next, key)).toList(),
                rootThreshold,
                roots,
                List.copyOf(epochs),
                trust,
                policyPublishers,
                roleSource,
                grants,
                environments,
                lifeCycle,
                policies);
    }

    /**
     * Returns the trust policy in an envelope, if it can come into force at a position.
     *
     * @throws VerificationException if it is not well formed, for another log, or signed by too few root keys
     * @throws VersionConflictException if it is another version than the next
     */
    public TrustPolicy nextTrust(Bytes envelope, LogPosition position) {
        return trust.next(envelope, firstOrigin(), rootThreshold, roots, position);
    }

    /**
     * Returns what holds from an entry on by which a trust policy came into force; {@link IllegalArgumentException} if enough
     * root keys did not sign it.
     */
    Founding trusted(Entry entry) {
        LogPosition position = LogPosition.after(entry.index());
        TrustPolicy next;
        try {
            next = nextTrust(Bytes.ofUtf8(entry.get(ENVELOPE)), position);
        } catch (VerificationException | VersionConflictException e) {
            throw new IllegalArgumentException("the trust policy is not good: " + e.getMessage(), e);
        }
        if (Entry.number(entry.data(), "version") != next.version()) {
            throw new IllegalArgumentException("the trust policy is version " + next.version() + ", but recorded is "
                    + Entry.number(entry.data(), "version"));
        }
        List<PublicKey> keys = next.keys().stream()
                .filter(key -> next.root().keys().contains(key.id()))
                .map(TrustPolicy.Key::publicKey)
                .toList();
        return new Founding(
                origin,
                logKey,
                writers,
                next.root().threshold(),
                keys,
                past,
                trust.with(next, position),
                policyPublishers,
                roleSource,
                grants,
                environments,
                lifeCycle,
                policies);
    }

    /** Returns the origin that the log began with. */
    public String firstOrigin() {
        return past.isEmpty() ? origin : past.get(0).logKey().origin();
    }

    private List<Digest> signers(SignedNote note) {
        if (rootThreshold < 1) {
            throw new IllegalArgumentException("the log was created without root keys, so it cannot be recovered");
        }
        List<NoteVerifier> known = roots.stream()
                .map(key -> NoteVerifier.of(Recovery.rootKeyName(origin), key))
                .toList();
        List<Digest> signed = note.verifiedBy(known).stream()
                .map(key -> Crypto.keyDigest(key.publicKey()))
                .toList();
        TrustPolicy policy = trust.policy();
        int count = policy == null ? signed.size() : policy.holders(signed);
        if (count < rootThreshold) {
            throw new IllegalArgumentException("the recovery must be signed by " + rootThreshold + " of the "
                    + roots.size() + " root keys, but is signed by " + count);
        }
        return signed;
    }

    private void requireLost(String lost) {
        SignedNote note = SignedNote.parse(lost);
        NoteVerifier key = NoteVerifier.parse(logKey.text());
        if (note.verifiedBy(List.of(key)).isEmpty()
                || !CheckpointBody.parse(note.text()).origin().equals(origin)) {
            throw new IllegalArgumentException("what is said to be lost is not a checkpoint signed by " + logKey);
        }
    }

    private static LifeCycle lifeCycle(JsonNode json) {
        Map<String, LifeCycle.State> states = new TreeMap<>();
        json.path("states")
                .properties()
                .forEach(member -> states.put(
                        member.getKey(),
                        new LifeCycle.State(
                                member.getValue().path("promotable").asBoolean(),
                                member.getValue().path("servable").asBoolean(),
                                member.getValue().path("final").asBoolean())));
        List<LifeCycle.Transition> transitions = new ArrayList<>();
        json.path("transitions")
                .forEach(step -> transitions.add(new LifeCycle.Transition(
                        Entry.text(step, "name"), Entry.text(step, "from"), Entry.text(step, "to"))));
        return new LifeCycle(Entry.text(json, "initial"), states, transitions);
    }

    private static List<byte[]> binaries(ObjectNode data, String name) {
        List<byte[]> list = new ArrayList<>();
        data.path(name).forEach(item -> list.add(Base64.getDecoder().decode(item.asText())));
        return list;
    }

    private static String base64(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }

    private static byte[] encoded(X509Certificate certificate) {
        try {
            return certificate.getEncoded();
        } catch (CertificateEncodingException e) {
            throw new IllegalArgumentException("publisher authority is a certificate that has no DER form", e);
        }
    }

    private static X509Certificate certificate(byte[] der) {
        try {
            return (X509Certificate)
                    CertificateFactory.getInstance("X.509").generateCertificate(new ByteArrayInputStream(der));
        } catch (CertificateException e) {
            throw new IllegalArgumentException("a publisher authority is not an X.509 certificate", e);
        }
    }
}
