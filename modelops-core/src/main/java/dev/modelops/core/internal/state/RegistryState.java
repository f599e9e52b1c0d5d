package dev.modelops.core.internal.state;

import dev.modelops.CommandId;
import dev.modelops.Digest;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.policy.PolicyProposal;
import java.time.Instant;
import java.util.Set;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/**
 * Everything the log says, after its first {@code size} entries. Immutable; {@link Fold} makes the next one.
 *
 * @param registrations every version in the order of registration
 * @param imports every version that was imported, by the digest of the entry that registered it in the other log
 * @param texts which texts were erased, and which are held
 * @param deliveries how far each sink of notifications got, by its name
 * @param commands the index of the entry of each act done, by the act's identity
 */
public record RegistryState(
        long size,
        Instant time,
        @Nullable Founding foundingOrNull,
        PMap<ModelName, ModelState> models,
        PVector<ModelRef> registrations,
        PMap<Digest, ModelRef> imports,
        PMap<Principal, Set<Role>> grants,
        PolicySets policySets,
        TextRecords texts,
        PMap<String, Delivery> deliveries,
        CommandIndex commands) {

    /** Returns the state before the first entry. */
    public static RegistryState empty() {
        return new RegistryState(
                0,
                Instant.EPOCH,
                null,
                HashTreePMap.empty(),
                TreePVector.empty(),
                HashTreePMap.empty(),
                HashTreePMap.empty(),
                PolicySets.empty(),
                TextRecords.empty(),
                HashTreePMap.empty(),
                CommandIndex.empty());
    }

    /** Returns what the first entry fixed. */
    public Founding founding() {
        if (foundingOrNull == null) {
            throw new IllegalStateException("the log has no first entry yet");
        }
        return foundingOrNull;
    }

    /** Returns the digest of the policy set in force. */
    public Digest policies() {
        return policySets.current().digest();
    }

    /** Returns the roles granted to a principal. */
    public Set<Role> rolesOf(Principal principal) {
        Set<Role> roles = grants.get(principal);
        return roles == null ? Set.of() : roles;
    }

    /** Returns a model, or null. */
    public @Nullable ModelState model(ModelName name) {
        return models.get(name);
    }

    /** Returns a version, or null. */
    public @Nullable VersionState version(ModelRef ref) {
        ModelState model = models.get(ref.name());
        return model == null ? null : model.version(ref.version());
    }

    /** Returns a model that must exist. */
    public ModelState requireModel(ModelName name) {
        ModelState model = models.get(name);
        if (model == null || !model.isRegistered()) {
            throw new NotFoundException("there is no model '" + name + "'; register a version of it first");
        }
        return model;
    }

    /** Returns a version that must exist. */
    public VersionState requireVersion(ModelRef ref) {
        ModelState model = requireModel(ref.name());
        VersionState version = model.version(ref.version());
        if (version == null) {
            throw new NotFoundException("there is no version " + ref + "; the newest of " + ref.name() + " is "
                    + model.versions().size());
        }
        return version;
    }

    /** Returns this state as it would be if a policy set had been proposed too. */
    public RegistryState proposed(PolicyProposal proposal) {
        return with(policySets.proposed(proposal));
    }

    /**
     * Returns this state without the acts done, which takes most of the memory of a long log, to be kept and read. What is
     * folded onto it must have been folded before: an act repeated would go unnoticed.
     */
    public RegistryState toRead() {
        return but(next -> next.commands = CommandIndex.empty());
    }

    RegistryState with(ModelState model) {
        return but(next -> next.models = models.plus(model.name(), model));
    }

    RegistryState registered(ModelRef ref) {
        return but(next -> next.registrations = registrations.plus(ref));
    }

    RegistryState imported(Digest registration, ModelRef ref) {
        return but(next -> next.imports = imports.plus(registration, ref));
    }

    RegistryState granted(Principal principal, Set<Role> roles) {
        return but(next ->
                next.grants = roles.isEmpty() ? grants.minus(principal) : grants.plus(principal, Set.copyOf(roles)));
    }

    RegistryState with(PolicySets sets) {
        return but(next -> next.policySets = sets);
    }

    RegistryState with(TextRecords records) {
        return but(next -> next.texts = records);
    }

    RegistryState with(String sink, Delivery delivery) {
        return but(next -> next.deliveries = deliveries.plus(sink, delivery));
    }

    RegistryState founded(Founding founding) {
        return but(next -> next.founding = founding);
    }

    RegistryState done(CommandId command, long index) {
        return but(next -> next.commands = commands.plus(command, index));
    }

    RegistryState advanced(Instant to) {
        return but(next -> {
            next.size = size + 1;
            next.time = to;
        });
    }

    private RegistryState but(Consumer<Draft> change) {
        Draft next = new Draft(this);
        change.accept(next);
        return next.state();
    }

    /** The parts of the state that comes next, so that a change names only what it changes. */
    private static final class Draft {
        private long size;
        private Instant time;
        private @Nullable Founding founding;
        private PMap<ModelName, ModelState> models;
        private PVector<ModelRef> registrations;
        private PMap<Digest, ModelRef> imports;
        private PMap<Principal, Set<Role>> grants;
        private PolicySets policySets;
        private TextRecords texts;
        private PMap<String, Delivery> deliveries;
        private CommandIndex commands;

        Draft(RegistryState state) {
            size = state.size;
            time = state.time;
            founding = state.foundingOrNull;
            models = state.models;
            registrations = state.registrations;
            imports = state.imports;
            grants = state.grants;
            policySets = state.policySets;
            texts = state.texts;
            deliveries = state.deliveries;
            commands = state.commands;
        }

        RegistryState state() {
            return new RegistryState(
                    size,
                    time,
                    founding,
                    models,
                    registrations,
                    imports,
                    grants,
                    policySets,
                    texts,
                    deliveries,
                    commands);
        }
    }
}
