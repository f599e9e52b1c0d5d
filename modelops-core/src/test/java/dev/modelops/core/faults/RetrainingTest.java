package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Environment;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelName;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.governor.Governor;
import dev.modelops.core.internal.governor.Ledger;
import dev.modelops.core.internal.governor.Texts;
import dev.modelops.core.internal.log.Json;
import dev.modelops.core.internal.storage.CachedBlobStore;
import dev.modelops.core.storage.Storages;
import dev.modelops.monitoring.Notification;
import dev.modelops.monitoring.RetrainingRequest;
import dev.modelops.policy.Action;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.Recorded;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A request to train a model anew reaches whoever trains, and the version that comes back answers it, once. */
class RetrainingTest {
    private static final Instant FROM = Instant.parse("2026-01-01T00:00:00Z");
    private static final Instant UNTIL = Instant.parse("2026-02-01T00:00:00Z");

    @TempDir
    Path dir;

    private final Storage storage = Storages.inMemory();
    private final LogKey key = ModelOps.create(storage, Site.genesis());
    private final ModelOps ops = open();
    private long requests = 1;
    private final BlockingQueue<RetrainingRequest> asked = new LinkedBlockingQueue<>();

    @BeforeEach
    void register() {
        for (String model : List.of("risk", "churn")) {
            Site.registry(ops, Site.ADA).register(spec(model, 1));
        }
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private ModelOps open() {
        return Site.opening(storage, key).start();
    }

    private VersionSpec spec(String model, int variant) {
        return VersionSpec.of(model, Models.small(dir.resolve(model + variant), variant));
    }

    /** Requests as a monitor does, in another process. */
    private LogPosition request(String model) {
        Ledger ledger = Ledger.open(storage, key, null);
        try (Governor governor = new Governor(
                ledger,
                storage.log(),
                new Texts(CachedBlobStore.texts(storage), () -> ledger.tip().state()),
                Site.KEYS.ed25519("writer"),
                null,
                List.of(),
                Duration.ofSeconds(30),
                Clock.systemUTC(),
                new SplittableRandom(requests++),
                100,
                Duration.ofSeconds(60))) {
            Recorded done = governor.record(
                    Identity.asserted(Site.SCORING),
                    Action.requestRetraining(ModelRef.parse(model + "@1"), Environment.STAGING, "psi:age"),
                    Json.object()
                            .put("cause", "psi:age")
                            .put("from", FROM.toString())
                            .put("until", UNTIL.toString())
                            .put("alert", 2));
            ops.sync();
            return done.position();
        }
    }

    private RetrainingRequest next() throws InterruptedException {
        RetrainingRequest next = asked.poll(90, TimeUnit.SECONDS);
        assertThat(next).as("waited 90 s for a request").isNotNull();
        return Objects.requireNonNull(next);
    }

    @Test
    void whatIsAskedReachesTheTriggerAndIsAnsweredByTheVersionThatComesBack() throws Exception {
        ops.notifications().retrain("pipeline", asked::add);
        LogPosition position = request("risk");

        RetrainingRequest request = next();
        assertThat(request.position()).isEqualTo(position);
        assertThat(request.version()).isEqualTo(ModelRef.parse("risk@1"));
        assertThat(request.cause()).isEqualTo("psi:age");
        assertThat(request.from()).isEqualTo(FROM);
        assertThat(request.until()).isEqualTo(UNTIL);
        assertThat(request.alert()).contains(LogPosition.after(2));
        assertThat(request.notification().kind()).isEqualTo(Notification.Kind.RETRAINING_REQUESTED);
        assertThat(request.notification().environment()).isEqualTo(Environment.STAGING);
        assertThat(request.notification().actor()).isEqualTo(Site.SCORING);

        ModelVersion candidate =
                Site.registry(ops, Site.ADA).register(spec("risk", 2).answering(request.position()));
        assertThat(candidate.answers()).contains(position);
        assertThat(Site.registry(ops, Site.ADA).get(ModelRef.parse("risk@1")).answers())
                .isEmpty();
        assertThat(ops.as(Site.AUDITOR)
                        .audit()
                        .get(candidate.position().index())
                        .body()
                        .toUtf8())
                .contains("\"answers\":" + position.index());
        try (ModelOps again = open()) {
            assertThat(Site.registry(again, Site.ADA).get(candidate.ref()).answers())
                    .isEqualTo(Optional.of(position));
            // The alert that this test says it follows from was never raised.
            assertThat(again.as(Site.AUDITOR).audit().verify(Progress.NONE).findings())
                    .singleElement()
                    .matches(finding -> finding.message().contains("entry 2 says of no alert"));
        }
    }

    @Test
    void onlyAnOpenRequestOfTheModelCanBeAnswered() {
        LogPosition position = request("risk");
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() ->
                        Site.registry(ops, Site.ADA).register(spec("churn", 2).answering(position)))
                .withMessageContaining("no request to train 'churn' anew at position " + position);
        assertThatExceptionOfType(NotFoundException.class)
                .isThrownBy(() ->
                        Site.registry(ops, Site.ADA).register(spec("new", 1).answering(position)));
        for (long other : new long[] {0, position.size() - 1, position.size() + 1}) {
            assertThatExceptionOfType(NotFoundException.class)
                    .isThrownBy(() -> Site.registry(ops, Site.ADA)
                            .register(spec("risk", 2).answering(LogPosition.of(other))));
        }
        long before = ops.sync().size();
        var unused = Site.registry(ops, Site.ADA).register(spec("risk", 2).answering(position));
        assertThatExceptionOfType(VersionConflictException.class)
                .isThrownBy(() ->
                        Site.registry(ops, Site.ADA).register(spec("risk", 3).answering(position)))
                .withMessageContaining("answered by version 2 already");
        assertThat(ops.position().size()).isEqualTo(before + 1);
    }

    @Test
    void whatWasAnsweredBeforeItsTurnIsNotAskedAgain() throws Exception {
        ops.notifications().retrain("pipeline", asked::add).close();
        LogPosition first = request("risk");
        LogPosition second = request("risk");
        var unused = Site.registry(ops, Site.ADA).register(spec("risk", 2).answering(first));
        ops.notifications().retrain("pipeline", asked::add);

        assertThat(next().position()).isEqualTo(second);
        assertThat(asked).isEmpty();
    }

    @Test
    void aTriggerThatFailsIsAskedAgain() throws Exception {
        int[] attempts = {0};
        ops.notifications().retrain("pipeline", request -> {
            if (attempts[0]++ == 0) {
                throw new IOException("the pipeline is away");
            }
            asked.add(request);
        });
        LogPosition position = request("churn");
        RetrainingRequest request = next();
        assertThat(request.position()).isEqualTo(position);
        assertThat(request.notification().model()).isEqualTo(ModelName.of("churn"));
    }
}
