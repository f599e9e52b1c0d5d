package dev.modelops.core.internal.governor;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Assurance;
import dev.modelops.Bytes;
import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.Genesis;
import dev.modelops.Identity;
import dev.modelops.ModelName;
import dev.modelops.ModelOpsProvider;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.PolicySets;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicySet;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogCheckpoint;
import dev.modelops.storage.LogHead;
import dev.modelops.storage.LogRecord;
import dev.modelops.storage.LogSeal;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.MutableClock;
import java.io.ByteArrayInputStream;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.UnaryOperator;

/**
 * Writes long logs quickly, as somebody with the keys could: entries of every kind that follow from each other, without
 * deciding anything.
 */
public final class LongLog {
    public static final String ORIGIN = "example.org/long";

    private static final List<Principal> PEOPLE =
            List.of(GovernedLog.AUTHOR, GovernedLog.VALIDATOR, GovernedLog.RELEASER, GovernedLog.ADMIN);

    private final Storage storage;
    private final LogKey key;
    private final Random random;
    private final int models;
    private final int versions;
    private final List<byte[]> leaves = new ArrayList<>();
    private final FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
    private RegistryState state;
    private final List<LogRecord> batch = new ArrayList<>();
    private final Bytes first;

    private LongLog(Storage storage, String origin, long seed, int models, int versions, UnaryOperator<Genesis> more) {
        this.storage = storage;
        this.random = new Random(seed);
        this.models = models;
        this.versions = versions;
        this.key = ModelOpsProvider.load()
                .create(
                        storage,
                        more.apply(GovernedLog.peopled(Genesis.of(origin, GovernedLog.LOG_SIGNER, GovernedLog.WRITER)
                                .publisher(GovernedLog.PUBLISHER.publicKey()))),
                        MutableClock.at(GovernedLog.START));
        this.first = storage.log().read(0, 1).get(0).body();
        this.state = Fold.apply(RegistryState.empty(), Entry.decode(0, first.toByteArray()));
        hash(first.toByteArray());
    }

    /** Creates a log with a few models. */
    public static LongLog in(Storage storage, long seed) {
        return new LongLog(storage, ORIGIN, seed, 5, 40, UnaryOperator.identity());
    }

    /** Creates a log whose genesis says more than usual. */
    public static LongLog in(Storage storage, UnaryOperator<Genesis> more) {
        return new LongLog(storage, ORIGIN, 1, 5, 40, more);
    }

    /** Creates a log of some origin. */
    public static LongLog in(Storage storage, String origin, long seed) {
        return new LongLog(storage, origin, seed, 5, 40, UnaryOperator.identity());
    }

    /** Creates a log with so many models, each of so many versions at most. */
    public static LongLog in(Storage storage, long seed, int models, int versions) {
        return new LongLog(storage, ORIGIN, seed, models, versions, UnaryOperator.identity());
    }

    public LogKey key() {
        return key;
    }

    public RegistryState state() {
        return state;
    }

    public Snapshot snapshot() {
        return snapshot(state);
    }

    /** Returns a snapshot with a state of the caller's choice. */
    public Snapshot snapshot(RegistryState claimed) {
        MerkleTree tree = new MerkleTree((from, count) -> leaves.subList((int) from, (int) from + count));
        leaves.subList(0, (int) claimed.size()).forEach(tree::append);
        return new Snapshot(claimed, first, List.of(), tree.nodes(claimed.size()));
    }

    /** Appends entries until the log has so many, in batches of many sizes. */
    public LongLog growTo(long size) {
        while (state.size() < size) {
            int most = 1 + random.nextInt(random.nextInt(4) == 0 ? 300 : 20);
            for (int i = 0; i < most && state.size() < size; i++) {
                any();
            }
            seal(GovernedLog.WRITER);
        }
        return this;
    }

    /** Signs a checkpoint over everything. */
    public LongLog checkpoint() {
        String text = new CheckpointBody(state.founding().origin(), state.size(), frontier.root()).text();
        NoteSigner signer = new NoteSigner(state.founding().origin(), GovernedLog.LOG_SIGNER);
        storage.log().publish(new LogCheckpoint(state.size(), signer.sign(text)));
        return this;
    }

    /** Stores a snapshot and names it in an entry. */
    public Snapshot.Encoded store(Snapshot snapshot) {
        Snapshot.Encoded encoded = snapshot.encode();
        storage.blobs().put(encoded.digest(), encoded.open());
        name(encoded.digest(), snapshot.state().size(), Snapshot.VERSION, GovernedLog.WRITER);
        return encoded;
    }

    /** Appends an entry that names a snapshot. */
    public void name(Digest digest, long size, long version, Signer writer) {
        ObjectNode data = SnapshotEntry.payload(CommandId.of("snapshot"), size);
        data.put("fold", version);
        add(EntryType.STATE_SNAPSHOTTED, digest.toString(), data);
        seal(writer);
    }

    /** Appends one entry in a batch of its own. */
    public void append(EntryType type, String subject, ObjectNode data) {
        add(type, subject, data);
        seal(GovernedLog.WRITER);
    }

    /** Returns the payload of an act. */
    public ObjectNode act(Principal actor) {
        ObjectNode data = Entry.payload(
                new Identity(actor, Assurance.ASSERTED, Set.of()),
                state.rolesOf(actor),
                CommandId.of("c" + Long.toHexString(random.nextLong()) + "-" + size()),
                null,
                null);
        return data;
    }

    private long size() {
        return state.size();
    }

    private void any() {
        Principal actor = PEOPLE.get(random.nextInt(PEOPLE.size()));
        ObjectNode data = act(actor);
        String name = "model-" + random.nextInt(models);
        ModelState model = state.model(ModelName.of(name));
        int known = model == null ? 0 : model.versions().size();
        if (known == 0 || known < versions && random.nextInt(20) == 0) {
            if (state.size() % 3 == 0) {
                imported(data);
            }
            version(name, known, data);
            return;
        }
        String ref = name + "@" + (1 + random.nextInt(known));
        String environment = random.nextBoolean() ? "staging" : "production";
        switch (random.nextInt(16)) {
            case 0 -> {
                data.put("evidenceType", "https://example.org/evaluation");
                data.put("digest", digest().toString());
                data.put("size", random.nextInt(1000));
                add(EntryType.EVIDENCE_ATTACHED, ref, data);
            }
            case 1 -> {
                data.put("text", "half a character \ud83d, a remark " + random.nextInt(50));
                add(EntryType.VERSION_COMMENTED, ref, data);
            }
            case 2, 3 -> {
                data.put("environment", environment);
                data.put("artifact", digest().toString());
                data.putArray("evidence").add(digest().toString()).add(digest().toString());
                data.put("reason", "VR-" + random.nextInt(100));
                add(random.nextInt(4) == 0 ? EntryType.VERSION_REJECTED : EntryType.VERSION_APPROVED, ref, data);
            }
            case 4 -> {
                data.put("environment", environment);
                add(EntryType.JUDGEMENT_WITHDRAWN, ref, data);
            }
            case 5 -> {
                data.put("environment", environment);
                add(EntryType.CHAMPION_PROMOTED, ref, data);
            }
            case 6 -> {
                data.put("alias", "alias-" + random.nextInt(5));
                add(random.nextInt(3) == 0 ? EntryType.ALIAS_REMOVED : EntryType.ALIAS_SET, ref, data);
            }
            case 7 -> {
                data.put("key", "key-" + random.nextInt(5));
                data.put("value", "value " + random.nextInt(20));
                add(random.nextInt(3) == 0 ? EntryType.MODEL_TAG_REMOVED : EntryType.MODEL_TAG_SET, name, data);
            }
            case 8 -> {
                data.put("role", Role.AUDITOR.value());
                add(
                        random.nextInt(3) == 0 ? EntryType.ROLE_REVOKED : EntryType.ROLE_GRANTED,
                        GovernedLog.person("p" + random.nextInt(20)).toString(),
                        data);
            }
            case 9 -> {
                data.put("to", random.nextBoolean() ? "deprecated" : "active");
                add(EntryType.VERSION_TRANSITIONED, ref, data);
            }
            case 10 -> {
                if (random.nextInt(10) == 0) {
                    policies(data);
                    return;
                }
                data.put("action", "promote");
                add(EntryType.ACCESS_REFUSED, ref, data);
            }
            case 11 -> {
                data.put("environment", environment);
                if (random.nextBoolean()) {
                    add(EntryType.VERSION_QUARANTINED, ref, data);
                } else {
                    add(random.nextInt(3) == 0 ? EntryType.SERVING_RESUMED : EntryType.SERVING_SUSPENDED, name, data);
                }
            }
            default -> {
                data.put("key", "key-" + random.nextInt(5));
                data.put("value", "value " + random.nextInt(20));
                add(random.nextInt(5) == 0 ? EntryType.TAG_REMOVED : EntryType.TAG_SET, ref, data);
            }
        }
    }

    /** Puts a policy set into force under a bundle, whatever that is worth. */
    public LongLog install(PolicySet set, Bytes bundle) {
        for (Bytes blob : List.of(Bytes.ofUtf8(set.document()), bundle)) {
            storage.blobs().put(Digest.sha256Of(blob), new ByteArrayInputStream(blob.toByteArray()));
        }
        long number = state.policySets().current().number();
        ObjectNode proposal = act(GovernedLog.AUTHOR);
        proposal.put("basedOn", number);
        proposal.put("revision", number + 1);
        proposal.put("bundle", Digest.sha256Of(bundle).toString());
        append(EntryType.POLICIES_PROPOSED, set.digest().toString(), proposal);
        ObjectNode data = act(GovernedLog.ADMIN);
        data.put("revision", number + 1);
        data.put("previous", state.policies().toString());
        data.put("proposer", GovernedLog.AUTHOR.toString());
        append(EntryType.POLICIES_INSTALLED, set.digest().toString(), data);
        return this;
    }

    /** Appends registrations of so many versions of a model. */
    public LongLog register(String name, int count) {
        for (int i = 0; i < count; i++) {
            ModelState model = state.model(ModelName.of(name));
            version(name, model == null ? 0 : model.versions().size(), act(GovernedLog.AUTHOR));
        }
        seal(GovernedLog.WRITER);
        return this;
    }

    private void version(String name, int known, ObjectNode data) {
        data.put("kind", "model");
        data.put("description", "What version " + (known + 1) + " is for: caf\u00e9 \ud83d\ude00 " + random.nextInt());
        data.putObject("metrics").put("auc", "0.8" + random.nextInt(100)).put("loss", "1.50");
        data.putObject("parameters").put("depth", "" + random.nextInt(9)).put("rate", "0.1");
        data.putObject("tags").put("team", "risk");
        data.putArray("dataSets").addObject().put("name", "train").put("digest", digest().toString());
        if (known > 0) {
            data.put("parent", 1 + random.nextInt(known));
        }
        data.put("codeCommit", Long.toHexString(random.nextLong()));
        data.put("artifact", digest().toString());
        data.put("fileCount", 3);
        data.put("byteCount", random.nextInt(1 << 20));
        data.put("bundle", digest().toString());
        data.put("publisher", digest().toString());
        add(
                data.has("source") ? EntryType.VERSION_IMPORTED : EntryType.VERSION_REGISTERED,
                name + "@" + (known + 1),
                data);
    }

    /** Makes a registration an import, without drawing lots, so that all else stays as it is without it. */
    private void imported(ObjectNode data) {
        String digest = Digest.sha256Of(Bytes.ofUtf8("import " + state.size())).toString();
        ObjectNode source = data.putObject("source")
                .put("origin", "example.org/elsewhere")
                .put("logKey", "example.org/elsewhere+00000000+AA==")
                .put("version", "other@" + (1 + state.size()))
                .put("registration", digest)
                .put("author", GovernedLog.STRANGER.toString());
        if (state.size() % 2 == 0) {
            source.put("parent", state.size() + 1);
        }
        source.put("size", state.size() + 7).put("root", digest);
        data.put("entries", digest).put("pack", digest);
        data.putArray("evidence")
                .addObject()
                .put("type", "validation-report")
                .put("digest", digest)
                .put("size", 12)
                .put("at", state.size() % 2 == 0 ? "2020-01-31T12:00:00Z" : "2100-01-31T12:00:00Z");
    }

    private void policies(ObjectNode data) {
        PolicySets sets = state.policySets();
        List<PolicyProposal> open = sets.open();
        if (open.isEmpty()) {
            Bytes document = Bytes.ofUtf8("{\"templates\":{},\"staticPolicies\":{},\"templateLinks\":[]}"
                    + " ".repeat(1 + random.nextInt(500)));
            Digest digest = Digest.sha256Of(document);
            if (sets.isKnown(digest)) {
                return;
            }
            storage.blobs().put(digest, new ByteArrayInputStream(document.toByteArray()));
            data.put("basedOn", sets.current().number());
            data.put("revision", sets.current().number() + 1 + random.nextInt(3));
            data.put("bundle", digest().toString());
            data.put("reason", "ticket " + random.nextInt(100));
            add(EntryType.POLICIES_PROPOSED, digest.toString(), data);
            return;
        }
        PolicyProposal proposal = open.get(0);
        data.put("revision", proposal.revision());
        data.put("previous", state.policies().toString());
        data.put("proposer", proposal.by().toString());
        add(EntryType.POLICIES_INSTALLED, proposal.digest().toString(), data);
    }

    private void add(EntryType type, String subject, ObjectNode data) {
        long index = state.size();
        byte[] body = new Entry(
                        index,
                        Long.toHexString(random.nextLong() | 1L << 63) + Long.toHexString(random.nextLong() | 1L << 63),
                        state.founding().origin(),
                        type,
                        type.typeName(),
                        subject,
                        time(),
                        type.isCritical(),
                        data)
                .encode();
        state = Fold.apply(state, Entry.decode(index, body));
        hash(body);
        batch.add(new LogRecord(index, Bytes.of(body)));
    }

    private Instant time() {
        return random.nextInt(3) == 0 ? state.time() : state.time().plusMillis(random.nextInt(1500));
    }

    private void hash(byte[] body) {
        byte[] hash = Merkle.leafHash(body);
        leaves.add(hash);
        frontier.append(hash);
    }

    private void seal(Signer writer) {
        if (batch.isEmpty()) {
            return;
        }
        long from = batch.get(0).index();
        byte[] root = frontier.root();
        LogSeal seal = new Seal(
                        state.founding().origin(),
                        from,
                        state.size(),
                        root,
                        List.copyOf(leaves.subList((int) from, leaves.size())))
                .sign(Seal.signer(state.founding().origin(), writer));
        List<LogRecord> records = List.copyOf(batch);
        batch.clear();
        storage.log().append(transaction -> {
            transaction.append(records, seal, new LogHead(state.size(), Digest.sha256(root)));
            return true;
        });
    }

    private Digest digest() {
        byte[] value = new byte[32];
        random.nextBytes(value);
        return Digest.sha256(value);
    }
}
