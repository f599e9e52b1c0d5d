package dev.modelops.samples.cli;

import dev.modelops.Alias;
import dev.modelops.Assurance;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Environment;
import dev.modelops.ErasableText;
import dev.modelops.IntegrityException;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Page;
import dev.modelops.Principal;
import dev.modelops.Progress;
import dev.modelops.Role;
import dev.modelops.VersionNumber;
import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.AuditLog;
import dev.modelops.audit.AuditQuery;
import dev.modelops.audit.AuditReport;
import dev.modelops.audit.Checkpoint;
import dev.modelops.audit.ConsistencyProof;
import dev.modelops.audit.InclusionProof;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.WhatIfReport;
import dev.modelops.policy.Decision;
import dev.modelops.policy.PolicyRevision;
import dev.modelops.policy.PolicySet;
import dev.modelops.policy.Requirement;
import dev.modelops.registry.Approval;
import dev.modelops.registry.Comment;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.Model;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.registry.VersionQuery;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Hand-made contents of a store, for commands to show: six entries about one model. Lists come one item to a page. */
final class SampleStore implements RegistryView, AuditLog {
    static final LogKey KEY = new LogKey("example.org/models+00000000+AA==");
    static final Digest DIGEST = Digest.sha256Of(Bytes.ofUtf8("digest"));
    static final Principal ADA = Principal.of("https://id.example.org", "ada");
    static final Principal EVE = Principal.of("https://id.example.org", "eve");
    static final ModelName RISK = ModelName.of("credit-risk");
    private static final Instant START = Instant.parse("2030-01-01T09:00:00Z");

    final List<AuditEntry> entries = new ArrayList<>();
    final List<AuditReport.Finding> findings = new ArrayList<>();
    final List<AuditReport.Finding> unchecked = new ArrayList<>();

    final List<WhatIfReport.Flip> flips = new ArrayList<>();

    final List<PolicyRevision> revisions = new ArrayList<>();

    final List<PolicySet> sets = new ArrayList<>();

    @Nullable AsOf askedFor;

    @Nullable PolicySet asked;

    @Nullable LogKey pinned;

    @Nullable Instant witnessedBefore;

    boolean unreadable;
    boolean closed;
    LogPosition position = LogPosition.of(6);

    SampleStore() {
        add("dev.modelops.log.created.v1", null, null, "{}");
        add("dev.modelops.version.registered.v1", "credit-risk@1", allow("scientist-registers"), "{}");
        add("dev.modelops.version.registered.v1", "credit-risk@2", allow("scientist-registers"), "{}");
        add(
                "dev.modelops.access.refused.v1",
                "credit-risk@2",
                deny(),
                "{\"data\":{\"action\":\"promote\",\"environment\":\"production\"}}");
        add(
                "dev.modelops.version.approved.v1",
                "credit-risk@2",
                allow("validator-judges"),
                "{\"data\":{\"environment\":\"production\",\"reason\":\"VR-12\"}}");
        add(
                "dev.modelops.champion.promoted.v1",
                "credit-risk@2",
                allow("release-promotes"),
                "{\"data\":{\"environment\":\"production\",\"version\":2,\"previous\":1}}");
    }

    Store open(StoreAddress address, @Nullable LogKey key) {
        pinned = key;
        if (unreadable) {
            throw new IntegrityException("the seal of entry 3 does not match; keep the store and verify a copy");
        }
        return new Store(
                asOf -> {
                    askedFor = asOf;
                    if (asOf instanceof AsOf.AtPosition at) {
                        position = at.position();
                    }
                    return this;
                },
                this,
                (witnesses, before) -> {
                    witnessedBefore = before;
                    return verify(Progress.NONE);
                },
                new Store.Policies() {
                    @Override
                    public List<PolicyRevision> installed() {
                        return revisions;
                    }

                    @Override
                    public PolicySet read(Digest digest) {
                        return sets.stream()
                                .filter(set -> set.digest().equals(digest))
                                .findAny()
                                .orElseThrow(() -> new NotFoundException("no policy set " + digest));
                    }
                },
                KEY,
                () -> closed = true);
    }

    /** Has a policy set come into force at a position. */
    void install(PolicySet set, long position) {
        sets.add(set);
        boolean first = revisions.isEmpty();
        revisions.add(new PolicyRevision(
                revisions.size() + 1L,
                set.digest(),
                first ? Optional.empty() : Optional.of(ADA),
                first ? Optional.empty() : Optional.of(EVE),
                first ? Optional.empty() : Optional.of(new ErasableText.Kept("stricter\n\u001b[2J")),
                START.plusSeconds(position),
                LogPosition.of(position)));
    }

    void add(String type, @Nullable String subject, @Nullable Decision decision, String body) {
        int index = entries.size();
        entries.add(new AuditEntry(
                LogPosition.after(index),
                "id-" + index,
                type,
                Optional.ofNullable(subject),
                START.plusSeconds(index),
                index % 2 == 0 ? ADA : EVE,
                Assurance.ASSERTED,
                Optional.ofNullable(decision),
                Bytes.ofUtf8(body)));
    }

    static Decision allow(String rule) {
        return new Decision.Allow(List.of(rule), DIGEST, LogPosition.of(1), START);
    }

    static Decision deny() {
        return new Decision.Deny(
                Decision.Cause.FORBIDDEN,
                List.of("gate-approval"),
                List.of(new Requirement("gate-approval", "1 approval", "none", "ask a validator")),
                DIGEST,
                LogPosition.of(3),
                START);
    }

    @Override
    public LogPosition position() {
        return position;
    }

    @Override
    public Optional<ModelVersion> find(ModelRef ref) {
        int number = ref.version().value();
        return ref.name().equals(RISK) && number <= 2 ? Optional.of(version(number)) : Optional.empty();
    }

    @Override
    public Optional<ModelVersion> find(ModelName name, Alias alias) {
        return name.equals(RISK) && alias.value().equals("tested") ? Optional.of(version(1)) : Optional.empty();
    }

    @Override
    public Optional<ModelVersion> champion(ModelName name, Environment environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public Optional<Model> model(ModelName name) {
        return name.equals(RISK) ? Optional.of(models().get(0)) : Optional.empty();
    }

    @Override
    public List<Model> models() {
        return List.of(new Model(
                RISK,
                VersionNumber.of(2),
                Map.of(Environment.PRODUCTION, VersionNumber.of(2)),
                Map.of(Alias.of("tested"), VersionNumber.of(1)),
                Map.of()));
    }

    @Override
    public Page<ModelVersion> query(VersionQuery query) {
        int index = query.cursor().map(Integer::parseInt).orElse(0);
        return new Page<>(List.of(version(index + 1)), index == 0 ? Optional.of("1") : Optional.empty(), position);
    }

    @Override
    public List<VersionNumber> champions(ModelName name, Environment environment) {
        throw new UnsupportedOperationException();
    }

    @Override
    public List<Approval> approvals(ModelRef ref) {
        return ref.version().value() == 1
                ? List.of()
                : List.of(new Approval(
                        ref,
                        Environment.PRODUCTION,
                        Approval.Verdict.APPROVED,
                        EVE,
                        Optional.of(new ErasableText.Kept("VR-12")),
                        DIGEST,
                        Set.of(DIGEST),
                        DIGEST,
                        START,
                        LogPosition.of(5),
                        Optional.empty()));
    }

    @Override
    public List<Evidence> evidence(ModelRef ref) {
        return ref.version().value() == 1
                ? List.of()
                : List.of(new Evidence(
                        ref,
                        "validation-report",
                        DIGEST,
                        1234,
                        EVE,
                        START,
                        LogPosition.of(4),
                        Set.of(),
                        Optional.empty()));
    }

    @Override
    public List<Comment> comments(ModelRef ref) {
        return List.of(new Comment(ref, new ErasableText.Kept("looks good"), ADA, START, LogPosition.of(4)));
    }

    @Override
    public Set<Role> roles(Principal principal) {
        throw new UnsupportedOperationException();
    }

    private static ModelVersion version(int number) {
        return new ModelVersion(
                new ModelRef(RISK, VersionNumber.of(number)),
                "ml",
                "scores applicants",
                Map.of("auc", new BigDecimal("0.8070")),
                Map.of("depth", "4"),
                Map.of("team", "credit"),
                number == 1 ? Optional.empty() : Optional.of(VersionNumber.of(number - 1)),
                List.of(new DataSet("loans", DIGEST)),
                Optional.empty(),
                DIGEST,
                2,
                345,
                DIGEST,
                number == 1 ? Optional.empty() : Optional.of(DIGEST),
                "active",
                ADA,
                START,
                LogPosition.of(number + 1),
                Optional.empty(),
                number == 1 ? Optional.empty() : Optional.of(LogPosition.of(2)));
    }

    @Override
    public Optional<ErasableText> text(long index) {
        return Optional.empty();
    }

    @Override
    public AuditEntry get(long index) {
        if (index >= entries.size()) {
            throw new NotFoundException("there is no entry " + index + "; the log has " + entries.size());
        }
        return entries.get((int) index);
    }

    @Override
    public Page<AuditEntry> query(AuditQuery query) {
        List<AuditEntry> matching = entries.stream()
                .filter(entry -> query.model()
                        .map(name -> entry.subject().orElse("").startsWith(name.value()))
                        .orElse(true))
                .filter(entry -> query.actor().map(entry.actor()::equals).orElse(true))
                .filter(entry -> query.type().map(entry.type()::equals).orElse(true))
                .filter(entry ->
                        query.from().map(time -> !entry.at().isBefore(time)).orElse(true))
                .filter(entry -> query.until().map(entry.at()::isBefore).orElse(true))
                .toList();
        int index = query.cursor().map(Integer::parseInt).orElse(0);
        return new Page<>(
                matching.subList(Math.min(index, matching.size()), Math.min(index + 1, matching.size())),
                index + 1 < matching.size() ? Optional.of(Integer.toString(index + 1)) : Optional.empty(),
                position);
    }

    @Override
    public Checkpoint checkpoint() {
        throw new UnsupportedOperationException();
    }

    @Override
    public InclusionProof prove(long index, LogPosition size) {
        throw new UnsupportedOperationException();
    }

    @Override
    public ConsistencyProof consistency(LogPosition from, LogPosition to) {
        throw new UnsupportedOperationException();
    }

    @Override
    public String receipt(long index) {
        return "receipt for " + get(index).id() + "\n";
    }

    @Override
    public Checkpoint export(Path folder, Progress progress) {
        try {
            Files.createDirectories(folder);
            Files.writeString(folder.resolve("checkpoint"), "note");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return new Checkpoint(KEY.origin(), position, DIGEST, "note");
    }

    @Override
    public AuditReport verify(Progress progress) {
        return new AuditReport(position, DIGEST, findings, unchecked);
    }

    @Override
    public WhatIfReport whatIf(PolicySet policies, Consumer<WhatIfReport.Flip> each, Progress progress) {
        asked = policies;
        flips.forEach(each);
        Map<WhatIfReport.Kind, Long> counts =
                flips.stream().collect(Collectors.groupingBy(WhatIfReport.Flip::kind, Collectors.counting()));
        return new WhatIfReport(
                policies.digest(),
                LogPosition.of(6),
                5,
                counts.getOrDefault(WhatIfReport.Kind.ALLOW_TO_DENY, 0L),
                counts.getOrDefault(WhatIfReport.Kind.DENY_TO_ALLOW, 0L),
                counts.getOrDefault(WhatIfReport.Kind.OTHER_REASONS, 0L),
                counts.getOrDefault(WhatIfReport.Kind.UNDECIDABLE, 0L),
                flips);
    }
}
