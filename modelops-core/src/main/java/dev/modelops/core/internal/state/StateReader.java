package dev.modelops.core.internal.state;

import dev.modelops.Alias;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.monitoring.Alert;
import dev.modelops.policy.PolicyProposal;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import java.math.BigDecimal;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.pcollections.HashTreePMap;
import org.pcollections.PMap;
import org.pcollections.PVector;
import org.pcollections.TreePVector;

/** Reads what {@link StateWriter} wrote; {@link IllegalArgumentException} if no log leads to such a state. */
final class StateReader {
    private final BinaryReader in;
    private final long size;
    private final Founding founding;
    private final Map<Set<Role>, Set<Role>> roleSets = new HashMap<>();

    StateReader(BinaryReader in, long size, Founding founding) {
        this.in = in;
        this.size = size;
        this.founding = founding;
    }

    RegistryState read() {
        Instant time = in.time();
        Map<ModelName, ModelState> models = ascending(() -> ModelName.of(in.word()), this::model);
        Map<Principal, Set<Role>> grants = ascending(in::principal, key -> roles());
        List<PolicyRevision> installed = in.all(this::revision);
        Map<Digest, PolicyProposal> proposed = new HashMap<>();
        for (PolicyProposal proposal : in.all(this::proposal)) {
            if (proposed.put(proposal.digest(), proposal) != null) {
                throw new IllegalArgumentException("policy set " + proposal.digest() + " is proposed twice");
            }
        }
        if (installed.isEmpty()) {
            throw new IllegalArgumentException("no policy set is in force");
        }
        List<ModelVersion> registered = new ArrayList<>();
        models.values().forEach(model -> model.versions().forEach(version -> registered.add(version.version())));
        registered.sort(Comparator.comparing(ModelVersion::position));
        Map<Digest, ModelRef> imports = new HashMap<>();
        registered.forEach(version -> version.source().ifPresent(source -> {
            if (imports.put(source.registration(), version.ref()) != null) {
                throw new IllegalArgumentException(version.ref() + " was imported twice");
            }
        }));
        return new RegistryState(
                size,
                time,
                founding,
                HashTreePMap.from(models),
                TreePVector.from(registered.stream().map(ModelVersion::ref).toList()),
                HashTreePMap.from(imports),
                HashTreePMap.from(grants),
                new PolicySets(TreePVector.from(installed), HashTreePMap.from(proposed)),
                texts(),
                HashTreePMap.from(ascending(in::word, sink -> delivery())),
                commands());
    }

    private ModelState model(ModelName name) {
        int[] number = {0};
        List<VersionState> versions = in.all(() -> version(new ModelRef(name, VersionNumber.of(++number[0]))));
        Map<Environment, PVector<VersionNumber>> champions = new HashMap<>();
        Map<Environment, PVector<Instant>> reigns = new HashMap<>();
        ascending(this::environment, environment -> {
            List<VersionNumber> history = new ArrayList<>();
            List<Instant> since = new ArrayList<>();
            for (int left = in.count(Integer.MAX_VALUE); left > 0; left--) {
                history.add(numberOf(versions));
                since.add(in.time());
            }
            if (history.isEmpty()) {
                throw new IllegalArgumentException("an environment has had no champion");
            }
            champions.put(environment, TreePVector.from(history));
            reigns.put(environment, TreePVector.from(since));
            return environment;
        });
        Map<Alias, VersionNumber> aliases = ascending(() -> Alias.of(in.word()), alias -> numberOf(versions));
        return new ModelState(
                name,
                TreePVector.from(versions),
                HashTreePMap.from(champions),
                HashTreePMap.from(reigns),
                HashTreePMap.from(aliases),
                HashTreePMap.from(words()),
                halts(versions),
                operations(versions));
    }

    private Operations operations(List<VersionState> versions) {
        Map<Environment, PMap<VersionNumber, PMap<String, Operations.AlertState>>> alerts = ascending(
                this::environment,
                environment -> HashTreePMap.from(ascending(
                        () -> numberOf(versions), number -> HashTreePMap.from(ascending(in::text, check -> alert())))));
        Map<Environment, Operations.Trial> trials = ascending(this::environment, environment -> trial(versions));
        return Operations.of(alerts, trials, in.all(() -> retraining(versions)));
    }

    private Operations.AlertState alert() {
        Alert.State[] states = Alert.State.values();
        return new Operations.AlertState(
                states[(int) in.upTo(states.length - 1)], in.signed(), in.signed(), position(), in.time());
    }

    private Operations.Trial trial(List<VersionState> versions) {
        return new Operations.Trial(
                in.text(),
                in.count(Integer.MAX_VALUE),
                numberOf(versions),
                numberOf(versions),
                in.text(),
                position(),
                in.time(),
                optional(this::judged).orElse(null),
                optional(this::judged).orElse(null));
    }

    private Operations.Judged judged() {
        return new Operations.Judged(in.count(Integer.MAX_VALUE), in.text(), position(), position(), in.time());
    }

    private Operations.Retraining retraining(List<VersionState> versions) {
        return new Operations.Retraining(
                numberOf(versions),
                environment(),
                in.text(),
                in.time(),
                in.time(),
                position(),
                in.time(),
                parent().orElse(null));
    }

    private Halts halts(List<VersionState> versions) {
        Map<Environment, LogPosition> suspended = ascending(this::environment, environment -> position());
        Map<Environment, PMap<VersionNumber, LogPosition>> quarantined = ascending(this::environment, environment -> {
            Map<VersionNumber, LogPosition> there = ascending(() -> numberOf(versions), number -> position());
            if (there.isEmpty()) {
                throw new IllegalArgumentException("an environment has no version in quarantine");
            }
            return HashTreePMap.from(there);
        });
        return new Halts(HashTreePMap.from(suspended), HashTreePMap.from(quarantined));
    }

    private VersionState version(ModelRef ref) {
        ModelVersion version = new ModelVersion(
                ref,
                in.word(),
                in.text(),
                ascending(in::word, key -> new BigDecimal(in.word())),
                words(),
                words(),
                parent(),
                in.all(() -> new DataSet(in.word(), in.digest())),
                optional(in::text),
                in.digest(),
                in.integer(),
                in.signed(),
                in.digest(),
                optional(in::digest),
                status(),
                in.principal(),
                in.time(),
                position(),
                optional(this::source),
                optional(this::position));
        return new VersionState(
                version,
                roles(),
                distinct(in.all(in::digest)),
                TreePVector.from(in.all(() -> judgement(ref))),
                TreePVector.from(in.all(() -> evidence(ref))),
                HashTreePMap.from(ascending(this::position, position -> in.digest())),
                TreePVector.from(in.all(() -> comment(ref))));
    }

    private ModelVersion.Source source() {
        return new ModelVersion.Source(
                new LogKey(in.word()),
                ModelRef.parse(in.word()),
                in.principal(),
                parent(),
                LogPosition.of(in.signed()),
                in.digest(),
                in.digest(),
                in.digest(),
                in.digest());
    }

    private Judgement judgement(ModelRef ref) {
        Approval approval = new Approval(
                ref,
                environment(),
                in.upTo(1) == 1 ? Approval.Verdict.APPROVED : Approval.Verdict.REJECTED,
                in.principal(),
                optional(this::text),
                in.digest(),
                distinct(in.all(in::digest)),
                in.digest(),
                in.time(),
                position(),
                optional(in::digest));
        return new Judgement(approval, roles());
    }

    private Evidence evidence(ModelRef ref) {
        return new Evidence(
                ref,
                in.word(),
                in.digest(),
                in.signed(),
                in.principal(),
                in.time(),
                position(),
                distinct(in.all(in::digest)),
                optional(() -> Evidence.Outcome.valueOf(in.word())));
    }

    private Comment comment(ModelRef ref) {
        return new Comment(ref, text(), in.principal(), in.time(), position());
    }

    private PolicyRevision revision() {
        return new PolicyRevision(
                in.signed(),
                in.digest(),
                optional(in::principal),
                optional(in::principal),
                optional(this::text),
                in.time(),
                position());
    }

    private PolicyProposal proposal() {
        return new PolicyProposal(
                in.digest(),
                in.signed(),
                in.signed(),
                optional(in::digest),
                in.principal(),
                optional(this::text),
                in.time(),
                position());
    }

    private ErasableText text() {
        return in.upTo(1) == 1
                ? new ErasableText.Kept(in.text())
                : new ErasableText.Unavailable(in.digest(), "it was not looked up");
    }

    private TextRecords texts() {
        TextRecords texts = TextRecords.empty();
        LogPosition last = LogPosition.of(0);
        for (Erased erased : in.all(() -> new Erased(in.digest(), position()))) {
            if (erased.by().compareTo(last) <= 0) {
                throw new IllegalArgumentException("erasures are out of order");
            }
            last = erased.by();
            texts = texts.erased(erased.commitment(), erased.by());
        }
        Map<String, TextRecords.Hold> holds = ascending(
                in::word,
                name -> new TextRecords.Hold(
                        name, optional(in::word).map(ModelName::of).orElse(null), position()));
        for (TextRecords.Hold hold : holds.values()) {
            texts = texts.held(hold);
        }
        Map<ModelName, LogPosition> expired = ascending(() -> ModelName.of(in.word()), model -> position());
        for (Map.Entry<ModelName, LogPosition> until : expired.entrySet()) {
            texts = texts.expired(until.getKey(), until.getValue());
        }
        return texts;
    }

    private Delivery delivery() {
        return new Delivery(
                in.upTo(size),
                HashTreePMap.from(ascending(() -> ModelName.of(in.word()), model -> in.upTo(size))),
                in.word(),
                in.upTo(size),
                in.upTo(size));
    }

    private record Erased(Digest commitment, LogPosition by) {}

    private CommandIndex commands() {
        int count = in.count(Integer.MAX_VALUE / 3);
        long[] packed = new long[3 * Math.min(count, 1024)];
        for (int i = 0; i < count; i++) {
            if (3 * i == packed.length) {
                packed = Arrays.copyOf(packed, (int) Math.min(3L * count, 2L * packed.length));
            }
            packed[3 * i] = in.fixed();
            packed[3 * i + 1] = in.fixed();
            packed[3 * i + 2] = in.upTo(size - 1);
        }
        return CommandIndex.of(packed, count);
    }

    private LogPosition position() {
        return LogPosition.of(in.upTo(size));
    }

    private Environment environment() {
        Environment environment = Environment.of(in.word());
        if (!founding.environments().containsKey(environment)) {
            throw new IllegalArgumentException("the log has no environment '" + environment + "'");
        }
        return environment;
    }

    private String status() {
        String status = in.word();
        if (!founding.lifeCycle().states().containsKey(status)) {
            throw new IllegalArgumentException("the life cycle has no state '" + status + "'");
        }
        return status;
    }

    private Optional<VersionNumber> parent() {
        int number = in.count(Integer.MAX_VALUE);
        return number == 0 ? Optional.empty() : Optional.of(VersionNumber.of(number));
    }

    private VersionNumber numberOf(List<VersionState> versions) {
        VersionNumber number = VersionNumber.of(in.count(Integer.MAX_VALUE));
        if (number.value() > versions.size()) {
            throw new IllegalArgumentException("there is no version " + number);
        }
        return versions.get(number.value() - 1).version().ref().version();
    }

    /** Roles are the same few combinations over and over. */
    private Set<Role> roles() {
        Set<Role> roles = distinct(in.all(() -> Role.of(in.word())));
        return roleSets.computeIfAbsent(roles, same -> same);
    }

    private Map<String, String> words() {
        return ascending(in::word, key -> in.word());
    }

    private static <T> Set<T> distinct(List<T> list) {
        Set<T> set = new HashSet<>(list);
        if (set.size() != list.size()) {
            throw new IllegalArgumentException("a set has one value twice");
        }
        return Set.copyOf(set);
    }

    private <K extends Comparable<K>, V> Map<K, V> ascending(BinaryReader.Element<K> keys, Function<K, V> values) {
        Map<K, V> map = new HashMap<>();
        K last = null;
        for (int left = in.count(Integer.MAX_VALUE); left > 0; left--) {
            K key = keys.read();
            if (last != null && key.compareTo(last) <= 0) {
                throw new IllegalArgumentException("'" + key + "' stands after '" + last + "'");
            }
            map.put(key, values.apply(key));
            last = key;
        }
        return map;
    }

    private <T> Optional<T> optional(BinaryReader.Element<T> value) {
        return in.upTo(1) == 1 ? Optional.of(value.read()) : Optional.empty();
    }
}
