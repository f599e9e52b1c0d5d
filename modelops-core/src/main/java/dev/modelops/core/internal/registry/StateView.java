package dev.modelops.core.internal.registry;

import dev.modelops.Alias;
import dev.modelops.Environment;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.state.ModelState;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.VersionState;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongFunction;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.pcollections.PVector;

/** Reads of one state, or of the present one at each call. */
public final class StateView implements RegistryView {
    private final Supplier<RegistryState> present;
    private final LongFunction<RegistryState> past;
    private final Texts texts;
    private final Access access;

    /**
     * Creates a view.
     *
     * @param present the state to answer from
     * @param past the state at a position, for the later pages of a listing
     * @param texts looks up what people wrote
     */
    public StateView(Supplier<RegistryState> present, LongFunction<RegistryState> past, Texts texts, Access access) {
        this.present = present;
        this.past = past;
        this.texts = texts;
        this.access = access;
    }

    @Override
    public LogPosition position() {
        access.requireOpen();
        return LogPosition.of(present.get().size());
    }

    @Override
    public Optional<ModelVersion> find(ModelRef ref) {
        access.requireRead(ref.name());
        return version(present.get(), ref);
    }

    @Override
    public Optional<ModelVersion> find(ModelName name, Alias alias) {
        access.requireRead(name);
        RegistryState state = present.get();
        ModelState model = state.model(name);
        return model == null ? Optional.empty() : version(model, model.aliases().get(alias));
    }

    @Override
    public Optional<ModelVersion> champion(ModelName name, Environment environment) {
        access.requireRead(name);
        ModelState model = present.get().model(name);
        return model == null ? Optional.empty() : version(model, model.champion(environment));
    }

    @Override
    public Optional<Model> model(ModelName name) {
        access.requireRead(name);
        return Optional.ofNullable(present.get().model(name))
                .filter(ModelState::isRegistered)
                .map(ModelState::summary);
    }

    @Override
    public List<Model> models() {
        access.requireOpen();
        RegistryState state = present.get();
        List<Model> list = new ArrayList<>();
        for (ModelState model : new TreeMap<>(state.models()).values()) {
            if (model.isRegistered() && access.mayRead(model.name())) {
                list.add(model.summary());
            }
        }
        return List.copyOf(list);
    }

    @Override
    public Page<ModelVersion> query(VersionQuery query) {
        access.requireOpen();
        RegistryState newest = present.get();
        Cursor cursor = Cursor.parse(query.cursor().orElse(null), newest.size());
        RegistryState state = cursor == null ? newest : past.apply(cursor.size());
        Conditions conditions = new Conditions(query.conditions());
        List<ModelVersion> found = new ArrayList<>();
        PVector<ModelRef> all = state.registrations();
        int at = cursor == null ? 0 : (int) Math.min(cursor.next(), all.size());
        while (at < all.size() && found.size() < query.limit()) {
            ModelRef ref = all.get(at++);
            ModelVersion version = state.requireVersion(ref).version();
            if (conditions.hold(version, state.requireModel(ref.name())) && access.mayRead(ref.name())) {
                found.add(version);
            }
        }
        Optional<String> next =
                at < all.size() ? Optional.of(new Cursor(state.size(), at).toString()) : Optional.empty();
        return new Page<>(found, next, LogPosition.of(state.size()));
    }

    @Override
    public List<VersionNumber> champions(ModelName name, Environment environment) {
        access.requireRead(name);
        ModelState model = present.get().model(name);
        PVector<VersionNumber> history =
                model == null ? null : model.champions().get(environment);
        return history == null ? List.of() : List.copyOf(history);
    }

    @Override
    public List<Approval> approvals(ModelRef ref) {
        access.requireRead(ref.name());
        return present.get().requireVersion(ref).judgements().stream()
                .map(judgement -> texts.read(judgement.approval()))
                .toList();
    }

    @Override
    public List<Evidence> evidence(ModelRef ref) {
        access.requireRead(ref.name());
        return List.copyOf(present.get().requireVersion(ref).evidence());
    }

    @Override
    public List<Comment> comments(ModelRef ref) {
        access.requireRead(ref.name());
        return present.get().requireVersion(ref).comments().stream()
                .map(texts::read)
                .toList();
    }

    @Override
    public Set<Role> roles(Principal principal) {
        access.requireOpen();
        return Set.copyOf(present.get().rolesOf(principal));
    }

    private static Optional<ModelVersion> version(RegistryState state, ModelRef ref) {
        return Optional.ofNullable(state.version(ref)).map(VersionState::version);
    }

    private static Optional<ModelVersion> version(ModelState model, @Nullable VersionNumber number) {
        return number == null
                ? Optional.empty()
                : Optional.ofNullable(model.version(number)).map(VersionState::version);
    }
}
