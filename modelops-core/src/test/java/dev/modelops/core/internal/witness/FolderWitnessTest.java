package dev.modelops.core.internal.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Digest;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.audit.Witness.Answer;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a witness signs and what it refuses, and that it cannot be brought to sign two histories. */
class FolderWitnessTest {
    private static final Instant NOW = Instant.parse("2026-03-01T09:00:00Z");
    private static final TestKeys KEYS = TestKeys.seeded(11);
    private static final String ORIGIN = "example.org/log";

    @TempDir
    Path dir;

    private final NoteSigner log = new NoteSigner(ORIGIN, KEYS.ed25519("log"));
    private final MutableClock clock = MutableClock.at(NOW);
    private final List<byte[]> leaves = new ArrayList<>();
    private final MerkleTree tree = new MerkleTree((from, count) -> leaves.subList((int) from, (int) from + count));
    private FolderWitness witness;

    @BeforeEach
    void prepare() {
        for (int i = 0; i < 20; i++) {
            leaves.add(Merkle.leafHash(new byte[] {(byte) i}));
            tree.append(leaves.get(i));
        }
        witness = open("witness");
    }

    private FolderWitness open(String name) {
        return open(name, KEYS.ed25519("witness"));
    }

    private FolderWitness open(String name, Signer... signers) {
        return new FolderWitness(
                name,
                List.of(signers),
                dir.resolve("state"),
                List.of(new LogKey(log.verifier().vkey())),
                clock);
    }

    private String checkpoint(long size) {
        return log.sign(new CheckpointBody(ORIGIN, size, tree.root(size)).text());
    }

    private List<Digest> proof(long from, long to) {
        return from == 0 || from == to
                ? List.of()
                : tree.consistencyProof(from, to).stream().map(Digest::sha256).toList();
    }

    private Answer ask(long from, long to) {
        return witness.cosign(checkpoint(to), from, proof(from, to));
    }

    private static Answer.Reason reason(Answer answer) {
        assertThat(answer).isInstanceOf(Answer.Refused.class);
        return ((Answer.Refused) answer).reason();
    }

    @Test
    void whatContinuesIsCosignedWithTheTimeAndKept() {
        CosignatureKey key = CosignatureKey.parse(witness.keys().get(0));
        for (long[] step : new long[][] {{0, 1}, {1, 7}, {7, 7}, {7, 20}}) {
            Answer answer = ask(step[0], step[1]);

            assertThat(answer).isInstanceOf(Answer.Cosigned.class);
            SignedNote note = SignedNote.parse(checkpoint(step[1]) + ((Answer.Cosigned) answer).signatures());
            assertThat(note.cosignedBy(List.of(key))).isEqualTo(Map.of(key, clock.instant()));
            assertThat(witness.newest(ORIGIN)).contains(note.toString());
            clock.advance(Duration.ofSeconds(5));
        }
        assertThat(open("witness").cosign(checkpoint(20), 0, List.of())).isEqualTo(new Answer.Holds(20));
    }

    @Test
    void whoAsksFromAnotherSizeIsToldTheSizeHeld() {
        assertThat(ask(3, 7)).isEqualTo(new Answer.Holds(0));
        ask(0, 7);

        assertThat(ask(0, 20)).isEqualTo(new Answer.Holds(7));
        assertThat(ask(6, 20)).isEqualTo(new Answer.Holds(7));
        assertThat(ask(0, 3)).as("an older checkpoint").isEqualTo(new Answer.Holds(7));
        assertThat(reason(witness.cosign(checkpoint(3), 7, List.of()))).isEqualTo(Answer.Reason.MALFORMED);
        assertThat(witness.newest(ORIGIN))
                .hasValueSatisfying(note -> assertThat(note).contains("\n7\n"));
    }

    @Test
    void aSecondHeadOfEqualSizeIsRefused() {
        ask(0, 7);
        String other = log.sign(new CheckpointBody(ORIGIN, 7, tree.root(6)).text());

        assertThat(reason(witness.cosign(other, 7, List.of()))).isEqualTo(Answer.Reason.INCONSISTENT);
        assertThat(witness.newest(ORIGIN))
                .hasValueSatisfying(note -> assertThat(note).startsWith(checkpoint(7)));
    }

    @Test
    void aHistoryThatDoesNotContinueIsRefusedWhateverItsProof() {
        ask(0, 7);
        String forked = log.sign(new CheckpointBody(ORIGIN, 20, Merkle.leafHash(new byte[99])).text());

        for (List<Digest> proof : List.of(proof(7, 20), proof(7, 19), List.<Digest>of(), proof(6, 20))) {
            assertThat(reason(witness.cosign(forked, 7, proof))).isEqualTo(Answer.Reason.INCONSISTENT);
        }
        assertThat(reason(witness.cosign(checkpoint(20), 7, proof(8, 20)))).isEqualTo(Answer.Reason.INCONSISTENT);
        List<Digest> longer = new ArrayList<>(proof(7, 20));
        longer.add(longer.get(0));
        assertThat(reason(witness.cosign(checkpoint(20), 7, longer))).isEqualTo(Answer.Reason.INCONSISTENT);
        assertThat(ask(7, 20)).isInstanceOf(Answer.Cosigned.class);
    }

    @Test
    void aProofFromNothingIsRefused() {
        assertThat(reason(witness.cosign(checkpoint(7), 0, proof(3, 7)))).isEqualTo(Answer.Reason.INCONSISTENT);
        assertThat(witness.newest(ORIGIN)).isEmpty();
    }

    @Test
    void logsThatAreNotKnownOrDidNotSignAreRefused() {
        NoteSigner stranger = new NoteSigner("example.org/other", KEYS.ed25519("log"));
        NoteSigner thief = new NoteSigner(ORIGIN, KEYS.ed25519("thief"));
        String body = new CheckpointBody(ORIGIN, 7, tree.root(7)).text();

        assertThat(reason(witness.cosign(
                        stranger.sign(new CheckpointBody("example.org/other", 7, tree.root(7)).text()), 0, List.of())))
                .isEqualTo(Answer.Reason.UNKNOWN_LOG);
        assertThat(reason(witness.cosign(thief.sign(body), 0, List.of()))).isEqualTo(Answer.Reason.BAD_SIGNATURE);
        String altered = checkpoint(7).replace("\n7\n", "\n8\n");
        assertThat(reason(witness.cosign(altered, 0, List.of()))).isEqualTo(Answer.Reason.BAD_SIGNATURE);
        assertThat(reason(witness.cosign(stranger.sign(body), 0, List.of()))).isEqualTo(Answer.Reason.BAD_SIGNATURE);
        assertThat(reason(witness.cosign(log.sign(ORIGIN + "\n0\n" + line(tree.root(1))), 0, List.of())))
                .isEqualTo(Answer.Reason.INCONSISTENT);
        assertThat(witness.newest(ORIGIN)).isEmpty();
        assertThat(witness.newest("example.org/other")).isEmpty();
    }

    private static String line(byte[] hash) {
        return Base64.getEncoder().encodeToString(hash) + "\n";
    }

    static Stream<String> notNotes() {
        return Stream.of("", "\n", "a\n\n", ORIGIN + "\n1\n", "\u0001\n\n\u2014 a AAAAAAA=\n");
    }

    @ParameterizedTest
    @MethodSource("notNotes")
    void whatIsNoNoteIsRefused(String text) {
        assertThat(reason(witness.cosign(text, 0, List.of()))).isEqualTo(Answer.Reason.MALFORMED);
    }

    @Test
    void whatOthersSignedUnderACheckpointIsNotGivenOut() {
        String stranger = new NoteSigner("example.org/other", KEYS.ed25519("log"))
                .sign(new CheckpointBody(ORIGIN, 7, tree.root(7)).text());
        String line = stranger.substring(stranger.lastIndexOf("\n\n") + 2);
        witness.cosign(checkpoint(7) + line, 0, List.of());

        assertThat(witness.newest(ORIGIN))
                .hasValueSatisfying(
                        note -> assertThat(note).startsWith(checkpoint(7)).doesNotContain("example.org/other"));
    }

    @Test
    void aRecordThatWasAlteredOrIsAnothersStopsTheWitness() throws Exception {
        ask(0, 7);
        Path file;
        try (Stream<Path> files = Files.list(dir.resolve("state"))) {
            file = files.filter(one -> one.toString().endsWith(".checkpoint"))
                    .findFirst()
                    .orElseThrow();
        }
        String kept = Files.readString(file);
        for (String damaged : List.of("", kept.replace("\n7\n", "\n6\n"), checkpoint(3), kept.substring(0, 40))) {
            Files.writeString(file, damaged);
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> ask(7, 20))
                    .withMessageContaining("damaged");
        }
        Files.writeString(file, kept);
        assertThat(ask(7, 20)).isInstanceOf(Answer.Cosigned.class);
        witness = open("another");
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> ask(20, 20));
    }

    @Test
    void aWitnessThatCannotRememberDoesNotSign() throws Exception {
        Files.writeString(dir.resolve("state"), "in the way");

        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> ask(0, 7));
    }

    @Test
    void ofManyAskersFromOneSizeOneIsCosigned() throws Exception {
        ask(0, 1);
        ExecutorService threads = Executors.newFixedThreadPool(8);
        try {
            List<Callable<Answer>> asking = new ArrayList<>();
            for (long to = 2; to < 18; to++) {
                long size = to;
                FolderWitness own = open("witness");
                asking.add(() -> own.cosign(checkpoint(size), 1, proof(1, size)));
            }
            int cosigned = 0;
            for (Future<Answer> answer : threads.invokeAll(asking)) {
                cosigned += answer.get() instanceof Answer.Cosigned ? 1 : 0;
            }
            assertThat(cosigned).isEqualTo(1);
        } finally {
            threads.shutdown();
        }
    }

    /** A witness that began with Ed25519 comes to ML-DSA-44 without beginning anew. */
    @Test
    void aWitnessGoesOnWithAFurtherKeyAndLaterWithThatAlone() {
        Signer own = KEYS.ed25519("witness");
        Signer further = Signers.generate(SignatureAlgorithm.ML_DSA_44);
        assertThat(open("witness", own).cosign(checkpoint(5), 0, List.of())).isInstanceOf(Answer.Cosigned.class);

        FolderWitness both = open("witness", own, further);
        assertThat(both.keys()).hasSize(2).allSatisfy(key -> assertThat(key).startsWith("witness+"));
        assertCosigned(both, checkpoint(10), both.cosign(checkpoint(10), 5, proof(5, 10)));
        FolderWitness alone = open("witness", further);
        assertCosigned(alone, checkpoint(15), alone.cosign(checkpoint(15), 10, proof(10, 15)));
        FolderWitness other = open("witness", Signers.generate(SignatureAlgorithm.ML_DSA_44));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> other.cosign(checkpoint(20), 15, proof(15, 20)));
        assertThatIllegalArgumentException().isThrownBy(() -> open("witness", new Signer[0]));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> open("witness", Signers.generate(SignatureAlgorithm.ML_DSA_65)));
    }

    private static void assertCosigned(Witness witness, String checkpoint, Answer answer) {
        List<CosignatureKey> keys =
                witness.keys().stream().map(CosignatureKey::parse).toList();
        assertThat(answer)
                .isInstanceOfSatisfying(
                        Answer.Cosigned.class,
                        given -> assertThat(SignedNote.parse(checkpoint + given.signatures())
                                        .cosignedBy(keys)
                                        .keySet())
                                .containsExactlyInAnyOrderElementsOf(keys));
    }

    @Test
    void twoKeysForOneLogAreRefused() {
        LogKey one = new LogKey(log.verifier().vkey());
        LogKey two =
                new LogKey(new NoteSigner(ORIGIN, KEYS.ed25519("b")).verifier().vkey());

        assertThatIllegalArgumentException()
                .isThrownBy(() -> new FolderWitness("w", List.of(KEYS.ed25519("w")), dir, List.of(one, two), clock));
    }

    @Test
    void requestsAreWrittenAndReadAlike() {
        AddCheckpoint request = new AddCheckpoint(7, proof(7, 20), checkpoint(20));

        assertThat(AddCheckpoint.parse(request.body().getBytes(StandardCharsets.UTF_8)))
                .isEqualTo(request);
    }

    static Stream<byte[]> notRequests() {
        String hash = Base64.getEncoder().encodeToString(new byte[32]);
        return Stream.concat(
                Stream.of(
                                "",
                                "old 1\n",
                                "old -1\n\nx",
                                "old 01\n\nx",
                                "old +1\n\nx",
                                "old 9223372036854775808\n\nx",
                                "old \n\nx",
                                "old  1\n\nx",
                                "1\n\nx",
                                "old 1\nAAAA\n\nx",
                                "old 1\n" + hash.replace("=", "") + "\n\nx",
                                "old 1\n*\n\nx",
                                "old 1\n" + (hash + "\n").repeat(64) + "\nx")
                        .map(text -> text.getBytes(StandardCharsets.UTF_8)),
                Stream.of(new byte[] {'o', 'l', 'd', ' ', '1', '\n', '\n', (byte) 0xff}));
    }

    @ParameterizedTest
    @MethodSource("notRequests")
    void malformedRequestsAreRefused(byte[] body) {
        assertThatIllegalArgumentException().isThrownBy(() -> AddCheckpoint.parse(body));
    }
}
