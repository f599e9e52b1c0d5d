package dev.modelops.core.audit;

import static dev.modelops.core.GovernedLog.AUDITOR;
import static dev.modelops.core.GovernedLog.AUTHOR;
import static dev.modelops.core.GovernedLog.START;
import static dev.modelops.core.GovernedLog.ref;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.GovernedLog;
import dev.modelops.core.Witnesses;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.Models;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A log and its witnesses: what they sign goes out with it, what they have seen binds it, and they never hold up an act. */
@Tag("every-store")
class WitnessedLogTest {
    private static final TestKeys KEYS = TestKeys.seeded(77);

    @TempDir
    Path dir;

    private Witness witness = new Down();
    private GovernedLog log = GovernedLog.open();

    @AfterEach
    void close() {
        log.close();
    }

    /** A witness that does not answer. */
    private static class Down implements Witness {
        private final List<String> keys = List.of(
                CosignatureKey.of("down", KEYS.ed25519("down").publicKey()).vkey());
        final AtomicInteger asked = new AtomicInteger();

        @Override
        public List<String> keys() {
            return keys;
        }

        @Override
        public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
            asked.incrementAndGet();
            throw new StorageException("it is down");
        }

        @Override
        public Optional<String> newest(String origin) {
            throw new StorageException("it is down");
        }
    }

    /** A witness whose answers a test replaces. */
    private class Between implements Witness {
        @Override
        public List<String> keys() {
            return witness.keys();
        }

        @Override
        public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
            return witness.cosign(checkpoint, oldSize, proof);
        }

        @Override
        public Optional<String> newest(String origin) {
            return witness.newest(origin);
        }
    }

    private Witness own(LogKey key) {
        return Witnesses.folder(
                "witness.example.org",
                KEYS.ed25519("witness"),
                dir.resolve("witness"),
                List.of(key),
                MutableClock.at(START));
    }

    private void open(UnaryOperator<Opening> options) {
        log.close();
        log = GovernedLog.open(UnaryOperator.identity(), options);
        log.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
    }

    private void openWitnessed() {
        LogKey key = log.logKey();
        witness = own(key);
        open(opening -> opening.witness(witness));
    }

    private Map<CosignatureKey, Instant> cosigned(String note) {
        return SignedNote.parse(note)
                .cosignedBy(witness.keys().stream().map(CosignatureKey::parse).toList());
    }

    private static void await(Awaited condition) throws Exception {
        for (int i = 0; i < 600 && !condition.holds(); i++) {
            Thread.sleep(50);
        }
        assertThat(condition.holds()).isTrue();
    }

    private interface Awaited {
        boolean holds() throws Exception;
    }

    @Test
    void closingWaitsForAWitnessThatIsStillAtIt() throws Exception {
        CountDownLatch begun = new CountDownLatch(1);
        AtomicInteger atIt = new AtomicInteger();
        open(opening -> opening.witnessDeadline(Duration.ofMillis(50)).witness(new Down() {
            @Override
            public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
                atIt.incrementAndGet();
                begun.countDown();
                Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(700));
                atIt.decrementAndGet();
                throw new StorageException("it is slow, and heeds no interrupt");
            }
        }));
        assertThat(log.ops().audit().checkpoint().note()).isNotEmpty();
        assertThat(begun.await(60, TimeUnit.SECONDS)).isTrue();
        log.close();
        assertThat(atIt).hasValue(0);
    }

    @Test
    void checkpointsReceiptsAndExportsCarryTheCosignature() throws Exception {
        openWitnessed();
        String note = log.ops().audit().checkpoint().note();

        assertThat(cosigned(note)).hasSize(1).containsValue(START);
        assertThat(log.storage().log().latestCheckpoint())
                .hasValueSatisfying(stored -> assertThat(stored.note()).isEqualTo(note));
        TlogProof receipt = TlogProof.parse(log.ops().audit().receipt(1));
        receipt.verify(
                log.storage().log().read(1, 1).get(0).body().toByteArray(),
                NoteVerifier.parse(log.logKey().text()));
        assertThat(cosigned(receipt.checkpoint().toString())).hasSize(1);
        log.ops().as(AUDITOR).audit().export(dir.resolve("export"), Progress.NONE);
        assertThat(cosigned(Files.readString(dir.resolve("export/checkpoint")))).hasSize(1);
        assertThat(log.ops().as(AUDITOR).audit().verify(Progress.NONE).findings())
                .isEmpty();
    }

    @Test
    void aProcessThatComesLaterGoesOnFromWhatTheWitnessHolds() {
        openWitnessed();
        log.ops().audit().checkpoint();

        try (ModelOps again = log.again()) {
            log.as(AUTHOR).comment(ref("risk", 1), "one more");
            again.sync();
            assertThat(cosigned(again.audit().checkpoint().note())).hasSize(1);
            assertThat(again.audit().checkpoint().position())
                    .isEqualTo(log.ops().position());
        }
        log.as(AUTHOR).comment(ref("risk", 1), "and another");
        assertThat(cosigned(log.ops().audit().checkpoint().note())).hasSize(1);
    }

    @Test
    void whatAnotherProcessHadCosignedIsNotAskedForAgain() {
        openWitnessed();
        String note = log.ops().audit().checkpoint().note();
        Witness told = witness;
        witness = new Down() {
            @Override
            public List<String> keys() {
                return told.keys();
            }
        };
        Down down = (Down) witness;

        try (ModelOps again = opened(new Between())) {
            assertThat(again.audit().checkpoint().note()).isEqualTo(note);
            assertThat(down.asked).hasValue(0);
        }
    }

    private ModelOps opened(Witness asked) {
        return ModelOps.open(log.storage(), log.logKey())
                .writer(GovernedLog.WRITER)
                .logSigner(GovernedLog.LOG_SIGNER)
                .clock(log.clock())
                .witness(asked)
                .pollInterval(Duration.ofHours(1))
                .start();
    }

    @Test
    void aWitnessThatIsDownHoldsUpNothingAndIsAskedAgain() throws Exception {
        open(opening -> opening.witness(new Between()));
        for (int i = 0; i < 5; i++) {
            log.as(AUTHOR).comment(ref("risk", 1), "number " + i);
        }
        String plain = log.ops().audit().checkpoint().note();
        assertThat(SignedNote.parse(plain).signatures()).hasSize(1);
        assertThat(log.storage().log().latestCheckpoint()).isPresent();

        List<String> keys = witness.keys();
        Witness up = Witnesses.folder(
                "down", KEYS.ed25519("down"), dir.resolve("up"), List.of(log.logKey()), MutableClock.at(START));
        assertThat(up.keys()).isEqualTo(keys);
        witness = up;

        await(() -> cosigned(log.ops().audit().receipt(1).split("\n\n", 2)[1]).size() == 1);
    }

    @Test
    void aWitnessThatDoesNotAnswerHoldsUpNothing() throws Exception {
        CountDownLatch answering = new CountDownLatch(1);
        Witness own = own(log.logKey());
        witness = own;
        Witness slow = new Between() {
            @Override
            public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
                try {
                    answering.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return super.cosign(checkpoint, oldSize, proof);
            }

            @Override
            public Optional<String> newest(String origin) {
                try {
                    answering.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
                return Optional.empty();
            }
        };
        open(opening -> opening.witness(slow).witnessDeadline(Duration.ofMillis(50)));
        assertThat(cosigned(log.ops().audit().checkpoint().note())).isEmpty();
        log.as(AUTHOR).comment(ref("risk", 1), "goes on");
        answering.countDown();

        await(() -> cosigned(log.ops().audit().checkpoint().note()).size() == 1);
    }

    @Test
    void aStoreThatIsOlderThanWhatTheWitnessSawIsRefused() {
        LogKey key = log.logKey();
        witness = own(key);
        open(opening -> opening.witness(witness));
        log.as(AUTHOR).comment(ref("risk", 1), "lost with the store");
        log.ops().audit().checkpoint();
        GovernedLog older = GovernedLog.open();
        try {
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(
                            () -> opening(older.storage(), key).witness(witness).start())
                    .withMessageContaining("witness.example.org")
                    .withMessageContaining("backup")
                    .withMessageContaining("lags behind");
        } finally {
            older.close();
        }
    }

    private Opening opening(Storage storage, LogKey key) {
        return ModelOps.open(storage, key)
                .writer(GovernedLog.WRITER)
                .logSigner(GovernedLog.LOG_SIGNER)
                .clock(log.clock())
                .pollInterval(Duration.ofHours(1));
    }

    @Test
    void twoHeadsOfEqualSizeAreNoticedByTheFirstCheckpoint() {
        openWitnessed();
        log.as(AUTHOR).comment(ref("risk", 1), "here");
        log.ops().audit().checkpoint();
        GovernedLog other = GovernedLog.open(UnaryOperator.identity(), opening -> opening);
        try {
            other.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            other.as(AUTHOR).comment(ref("risk", 1), "there");
            assertThat(other.ops().position()).isEqualTo(log.ops().position());
            other.ops().audit().checkpoint();
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> opening(other.storage(), log.logKey())
                            .witness(witness)
                            .start())
                    .withMessageContaining("two heads of equal size");
            other.as(AUTHOR).comment(ref("risk", 1), "and on");
            assertThatExceptionOfType(IntegrityException.class)
                    .isThrownBy(() -> opening(other.storage(), log.logKey())
                            .witness(witness)
                            .start())
                    .withMessageContaining("then written to");
        } finally {
            other.close();
        }
    }

    @Test
    void aRunningLogThatTheWitnessSawGoOnElsewhereTakesNoMoreActs() {
        GovernedLog elsewhere = GovernedLog.open();
        try {
            witness = own(log.logKey());
            Witness real = witness;
            witness = new Down();
            open(opening -> opening.witness(new Between()));
            elsewhere.as(AUTHOR).register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            elsewhere.as(AUTHOR).comment(ref("risk", 1), "elsewhere");
            elsewhere.as(AUTHOR).comment(ref("risk", 1), "elsewhere again");
            real.cosign(elsewhere.ops().audit().checkpoint().note(), 0, List.of());

            try (ModelOps ops =
                    opening(log.storage(), log.logKey()).witness(new Late(real)).start()) {
                assertThat(ops.audit().checkpoint().note()).isNotEmpty();
                assertThatExceptionOfType(IntegrityException.class)
                        .isThrownBy(() -> ops.as(AUTHOR).registry().comment(ref("risk", 1), "no more"))
                        .withMessageContaining("witness.example.org");
            }
        } finally {
            elsewhere.close();
        }
    }

    /** A witness that cannot be asked what it has seen when the log is opened. */
    private record Late(Witness real, AtomicInteger asked) implements Witness {
        Late(Witness real) {
            this(real, new AtomicInteger());
        }

        @Override
        public List<String> keys() {
            return real.keys();
        }

        @Override
        public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
            return real.cosign(checkpoint, oldSize, proof);
        }

        @Override
        public Optional<String> newest(String origin) {
            return asked.getAndIncrement() == 0 ? Optional.empty() : real.newest(origin);
        }
    }

    @Test
    void aWitnessThatLiesDoesNoHarm() {
        Witness own = own(log.logKey());
        for (Witness.Answer lie : List.<Witness.Answer>of(
                new Witness.Answer.Holds(1_000_000),
                new Witness.Answer.Holds(-1),
                new Witness.Answer.Cosigned(""),
                new Witness.Answer.Cosigned("\u2014 witness.example.org AAAAAAAA\n"),
                new Witness.Answer.Cosigned("\n\nexample.org/models\n"),
                new Witness.Answer.Refused(Witness.Answer.Reason.INCONSISTENT, "so I say"))) {
            Witness liar = new Witness() {
                @Override
                public List<String> keys() {
                    return own.keys();
                }

                @Override
                public Answer cosign(String checkpoint, long oldSize, List<Digest> proof) {
                    return lie;
                }

                @Override
                public Optional<String> newest(String origin) {
                    return Optional.of(
                            origin + "\n1000000\n" + "A".repeat(43) + "=\n\n\u2014 " + origin + " AAAAAAAA\n");
                }
            };
            open(opening -> opening.witness(liar));
            assertThat(SignedNote.parse(log.ops().audit().checkpoint().note()).signatures())
                    .hasSize(1);
            log.as(AUTHOR).comment(ref("risk", 1), "goes on");
        }
    }

    @Test
    void aWitnessMustNameAKeyOfAWitness() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> opening(log.storage(), log.logKey()).witness(new Down() {
                    @Override
                    public List<String> keys() {
                        return List.of();
                    }
                }));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> opening(log.storage(), log.logKey())
                        .witness(new Down() {
                            @Override
                            public List<String> keys() {
                                return List.of(log.logKey().text());
                            }
                        })
                        .start());
    }
}
