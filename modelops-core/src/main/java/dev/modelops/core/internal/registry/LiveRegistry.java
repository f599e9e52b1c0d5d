package dev.modelops.core.internal.registry;

import dev.modelops.Alias;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.InvalidModelException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.artifact.Artifacts;
import dev.modelops.core.internal.artifact.Pack;
import dev.modelops.core.internal.evidence.Testimony;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.ImportedVersion;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.log.SourceEntries;
import dev.modelops.core.internal.signing.SignedBy;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Trust;
import dev.modelops.policy.Action;
import dev.modelops.policy.Decision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelRegistry;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import dev.modelops.registry.VersionSpec;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.TrustPolicy;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;

/** The registry for one session: acts through the governor, reads of the ledger's present state. */
public final class LiveRegistry implements ModelRegistry {
    private static final int MOST_EVIDENCE_BYTES = 64 * 1024 * 1024;

    private final Governor governor;
    private final Ledger ledger;
    private final Artifacts artifacts;
    private final Pack.Reader packs;
    private final SessionAccess access;
    private final Consumer<Recorded> done;
    private final StateView view;

    /**
     * Creates a registry.
     *
     * @param done called after every act, before its caller gets the answer
     */
    public LiveRegistry(
            Governor governor, Artifacts artifacts, Pack.Reader packs, SessionAccess access, Consumer<Recorded> done) {
        this.governor = governor;
        this.ledger = governor.ledger();
        this.artifacts = artifacts;
        this.packs = packs;
        this.access = access;
        this.done = done;
        this.view = new StateView(() -> ledger.tip().state(), ledger::stateAt, governor.texts(), access);
    }

    @Override
    public ModelVersion register(VersionSpec spec) {
        Governor.requireFree(spec.commandId());
        Identity identity = access.caller();
        ModelVersion before = governor.registeredBefore(identity, spec);
        if (before != null) {
            artifacts.confirm(spec, before);
            return before;
        }
        Action action = Action.register(spec.model());
        requireAllowed(identity, action);
        Artifacts.Upload upload = artifacts.store(spec);
        ModelVersion version = governor.register(identity, spec, upload.prepared());
        artifacts.confirm(upload, version);
        return version;
    }

    @Override
    public ModelVersion importVersion(Path pack, LogKey source) {
        try (Pack opened = packs.open(pack, source, Progress.NONE)) {
            ModelRef version = opened.contents().version();
            return importVersion(opened, Action.importVersion(version.name(), source.text(), version), Progress.NONE);
        }
    }

    @Override
    public ModelVersion importVersion(Path pack, Action action, Progress progress) {
        Governor.requireFree(action.commandId());
        Action.Source source = action.source()
                .orElseThrow(() -> new IllegalArgumentException(
                        "expected an import, made by Action.importVersion, found '" + action + "'"));
        Identity identity = access.caller();
        if (governor.importedBefore(identity, action) == null) {
            requireAllowed(identity, action);
        }
        try (Pack opened = packs.open(pack, new LogKey(source.logKey()), progress)) {
            ModelRef found = opened.contents().version();
            if (!found.equals(source.version())) {
                throw new NotFoundException("the pack '" + pack + "' holds " + found + " of " + source.origin()
                        + ", not " + source.version() + "; import what it holds, or get another pack");
            }
            return importVersion(opened, action, progress);
        }
    }

    private ModelVersion importVersion(Pack opened, Action action, Progress progress) {
        Identity identity = access.caller();
        SourceEntries from = opened.contents();
        ModelVersion version = governor.importedBefore(identity, action);
        if (version == null) {
            requireAllowed(identity, action);
            governor.requireNew(from);
            int judgedBy = ledger.tip().state().founding().trust().version();
            SignedBy publisher =
                    artifacts.carry(from, opened.blobs(), action.model().orElseThrow(), progress);
            version = governor.importVersion(
                    identity, action, new ImportedVersion(from, opened.digest(), publisher, judgedBy));
        } else if (!version.source()
                .map(source -> source.pack().equals(opened.digest()))
                .orElse(false)) {
            throw new VersionConflictException("under this command id " + version.ref()
                    + " was imported from another pack; import this one under a new id");
        }
        artifacts.confirm(from, opened.blobs(), Progress.NONE);
        return version;
    }

    private void requireAllowed(Identity identity, Action action) {
        if (governor.check(identity, action) instanceof Decision.Deny deny) {
            throw governor.refused(identity, action, deny);
        }
    }

    @Override
    public Evidence attach(ModelRef ref, String type, Bytes document) {
        if (type.isBlank() || type.length() > 256) {
            throw new IllegalArgumentException("evidence type must have 1 to 256 characters, but was '" + type + "'");
        }
        if (document.length() > MOST_EVIDENCE_BYTES) {
            throw new IllegalArgumentException("a document may have " + MOST_EVIDENCE_BYTES
                    + " bytes, but this one has " + document.length() + "; attach a reference to it instead");
        }
        Identity identity = access.caller();
        Action action = Action.attachEvidence(ref);
        requireAllowed(identity, action);
        RegistryState state = ledger.tip().state();
        Trust trust = state.founding().trust();
        Testimony testimony = Testimony.of(
                document,
                type,
                state.founding().origin(),
                ref,
                state.requireVersion(ref).version().artifact(),
                trust.witnesses(ref.name(), LogPosition.after(state.size())).values().stream()
                        .map(TrustPolicy.Key::publicKey)
                        .toList());
        Digest digest = artifacts.store(document);
        Evidence evidence = governor.attach(identity, ref, type, digest, document.length(), testimony, trust.version());
        artifacts.confirm(document);
        return evidence;
    }

    @Override
    public Recorded perform(Action action) {
        Governor.requireFree(action.commandId());
        Recorded recorded = governor.perform(access.caller(), action);
        done.accept(recorded);
        return recorded;
    }

    @Override
    public Decision check(Action action) {
        return governor.check(access.caller(), action);
    }

    @Override
    public Decision check(VersionSpec spec) {
        return governor.check(access.caller(), Action.register(spec.model()));
    }

    @Override
    public RegistryView asOf(LogPosition position) {
        access.requireOpen();
        return fixed(ledger.stateAt(position.size()));
    }

    @Override
    public RegistryView asOf(Instant time) {
        access.requireOpen();
        long size = ledger.positionAt(time);
        if (size == 0) {
            throw new NotFoundException("the log began at " + ledger.entry(0).time() + ", after " + time);
        }
        return fixed(ledger.stateAt(size));
    }

    @Override
    public RegistryView snapshot() {
        access.requireOpen();
        return fixed(ledger.tip().state());
    }

    private RegistryView fixed(RegistryState state) {
        return new StateView(() -> state, ledger::stateAt, governor.texts(), access);
    }

    @Override
    public void download(ModelRef ref, Path folder, Path bundle, Progress progress) {
        ModelVersion version = get(ref);
        if (Files.exists(bundle)) {
            throw new InvalidModelException("'" + bundle + "' exists already; name a file to be made");
        }
        List<SignedFile> files = artifacts.listedFiles(version);
        Bytes signature = artifacts.signature(version);
        artifacts.write(version, files, folder, progress);
        try {
            Files.write(bundle, signature.toByteArray(), StandardOpenOption.CREATE_NEW);
        } catch (IOException e) {
            Artifacts.deleteTree(folder);
            throw new StorageException("'" + bundle + "' could not be written: " + e.getMessage(), e);
        }
    }

    @Override
    public Bytes read(Evidence evidence) {
        access.requireRead(evidence.ref().name());
        boolean known =
                evidence(evidence.ref()).stream().anyMatch(item -> item.digest().equals(evidence.digest()));
        if (!known) {
            throw new NotFoundException("no such document is attached to " + evidence.ref());
        }
        return artifacts.read(evidence.digest());
    }

    @Override
    public LogPosition position() {
        return view.position();
    }

    @Override
    public Optional<ModelVersion> find(ModelRef ref) {
        return view.find(ref);
    }

    @Override
    public Optional<ModelVersion> find(ModelName name, Alias alias) {
        return view.find(name, alias);
    }

    @Override
    public Optional<ModelVersion> champion(ModelName name, Environment environment) {
        return access.champion(name, environment);
    }

    @Override
    public Optional<Model> model(ModelName name) {
        return view.model(name);
    }

    @Override
    public List<Model> models() {
        return view.models();
    }

    @Override
    public Page<ModelVersion> query(VersionQuery query) {
        return view.query(query);
    }

    @Override
    public List<VersionNumber> champions(ModelName name, Environment environment) {
        return view.champions(name, environment);
    }

    @Override
    public List<Approval> approvals(ModelRef ref) {
        return view.approvals(ref);
    }

    @Override
    public List<Evidence> evidence(ModelRef ref) {
        return view.evidence(ref);
    }

    @Override
    public List<Comment> comments(ModelRef ref) {
        return view.comments(ref);
    }

    @Override
    public Set<Role> roles(Principal principal) {
        return view.roles(principal);
    }
}
