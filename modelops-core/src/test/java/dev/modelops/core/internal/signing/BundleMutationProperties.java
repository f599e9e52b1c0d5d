package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import java.lang.management.ManagementFactory;
import java.nio.file.Path;
import java.security.KeyPair;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Random damage to good bundles: it is refused with the right exception, or it changed nothing that counts. */
class BundleMutationProperties {
    private static final int CHANGES_PER_SEED = 40;
    private static final KeyPair KEYS = TestPki.keys("secp256r1");
    private static final Signer SIGNER = Crypto.signer(KEYS.getPrivate(), KEYS.getPublic(), List.of());
    private static final TestPki.Identity ROOT =
            TestPki.draft("root").authority(-1).selfSigned();
    private static final TestPki.Identity LEAF =
            TestPki.draft("leaf").keys(KEYS).issuedBy(ROOT);
    private static final BundleTrust TRUST = PublisherTrust.of(List.of(KEYS.getPublic()), List.of(ROOT.certificate()))
            .at(Clock.fixed(TestPki.NOW, ZoneOffset.UTC));
    private static final Leniency LENIENT = new Leniency(true, true, true);

    /** Far above what any of these small bundles needs, and far below what a few bytes could be made to ask for. */
    private static final long MOST_ALLOCATED = 32L * 1024 * 1024;

    private static final com.sun.management.ThreadMXBean THREADS =
            (com.sun.management.ThreadMXBean) ManagementFactory.getThreadMXBean();

    @TempDir
    static Path folder;

    private static final List<Bytes> GOOD = new ArrayList<>();

    @BeforeAll
    static void sign() {
        Path model = Models.folder(folder);
        GOOD.clear();
        GOOD.add(Models.sign(model, SIGNER));
        GOOD.add(Models.sign(model, Crypto.signer(KEYS.getPrivate(), KEYS.getPublic(), List.of(LEAF.certificate()))));
        GOOD.add(Bundle.sign(Models.hash(model, new Serialization(FileHash.BLAKE3, 4)), SIGNER));
        GOOD.add(Bundle.sign(Models.hash(model, new Serialization(FileHash.BLAKE2B, 0)), SIGNER));
        Bytes shards = Bundle.sign(Models.hash(model, new Serialization(FileHash.SHA256, 5)), SIGNER);
        GOOD.add(Models.restated(shards, SIGNER, statement -> {
            Models.serialization(statement).put("shard_size", 5.0);
            Models.resources(statement).forEach(r -> ((ObjectNode) r).put("algorithm", "sha256-sharded-5"));
        }));
        GOOD.add(old());
    }

    private static Bytes old() {
        Bytes payload =
                Bytes.ofUtf8("{\"_type\":\"" + Statement.TYPE + "\",\"predicateType\":\"" + Statement.OLD_PREDICATE
                        + "\",\"predicate\":{\"unused\":\"it's\"},\"subject\":[{\"name\":\"config.json\",\"digest\":{\"sha256\":\""
                        + "0a".repeat(32) + "\"}}]}");
        Bytes signature = SIGNER.sign(Bytes.of(OldEncoding.encode(payload.toByteArray())));
        return Models.edited(GOOD.get(0), root -> {
            ObjectNode envelope = (ObjectNode) root.get("dsseEnvelope");
            envelope.put("payload", payload.toBase64());
            ((ObjectNode) envelope.at("/signatures/0")).put("sig", signature.toBase64());
        });
    }

    /** Verifies with every leniency, so that the most code stands open, and within bounds. */
    private static VerifiedStatement verified(Bytes json) {
        long before = THREADS.getCurrentThreadAllocatedBytes();
        try {
            Bundle bundle = Bundle.parse(json);
            BundleTrust.Approval approval = TRUST.judge(bundle, LENIENT);
            return Statement.read(bundle, LENIENT).approved(approval);
        } finally {
            assertThat(THREADS.getCurrentThreadAllocatedBytes() - before).isLessThan(MOST_ALLOCATED);
        }
    }

    static List<Long> seeds() {
        return new Random(20260101).longs(40).boxed().toList();
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void damagedBytesAreRefusedOrMeanTheSame(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CHANGES_PER_SEED; i++) {
            Bytes good = GOOD.get(random.nextInt(GOOD.size()));
            byte[] bytes = good.toByteArray();
            for (int n = random.nextInt(3); n >= 0; n--) {
                bytes = damaged(bytes, random);
            }
            assertRefusedOrSame(Bytes.of(bytes), good);
        }
    }

    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void damagedStructureIsRefusedOrMeansTheSame(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CHANGES_PER_SEED; i++) {
            Bytes good = GOOD.get(random.nextInt(GOOD.size()));
            assertRefusedOrSame(Models.edited(good, root -> damage(root, random)), good);
        }
    }

    /** The signature is good here: only the rules for statements stand between the damage and a result. */
    @ParameterizedTest(name = "seed {0}")
    @MethodSource("seeds")
    void damagedStatementsBySomeoneTrustedAreRefusedOrConsistent(long seed) {
        Random random = new Random(seed);
        for (int i = 0; i < CHANGES_PER_SEED; i++) {
            Bytes good = GOOD.get(random.nextInt(GOOD.size()));
            Bytes resigned = random.nextBoolean()
                    ? Models.restated(good, SIGNER, statement -> damage(statement, random))
                    : Models.resigned(
                            good,
                            SIGNER,
                            Dsse.IN_TOTO,
                            Bytes.of(damaged(Bundle.parse(good).payload().toByteArray(), random)));
            try {
                assertConsistent(verified(resigned));
            } catch (VerificationException e) {
                assertThat(e.reason()).isNotNull();
            }
        }
    }

    private static void assertConsistent(VerifiedStatement statement) {
        Serialization serialization = statement.serialization();
        assertThat(statement.files()).isNotEmpty().doesNotHaveDuplicates().allSatisfy(file -> {
            assertThat(file.digest().algorithm()).isEqualTo(serialization.hash().id());
            String path =
                    serialization.isSharded() ? ShardName.parse(file.name()).path() : file.name();
            assertThat(path.equals(".") || Names.flaw(path) == null).as(path).isTrue();
        });
        assertThat(statement.root())
                .isEqualTo(FileManifest.root(
                        statement.files().stream().map(file -> file.digest()).toList()));
        assertThat(statement.ignorePaths()).allMatch(path -> Names.flaw(path) == null);
    }

    private static void assertRefusedOrSame(Bytes changed, Bytes good) {
        try {
            VerifiedStatement found = verified(changed);
            VerifiedStatement expected = verified(good);
            assertThat(found.root()).isEqualTo(expected.root());
            assertThat(found.files()).isEqualTo(expected.files());
            assertThat(found.signer()).isEqualTo(expected.signer());
            assertThat(found.ignorePaths()).isEqualTo(expected.ignorePaths());
            assertThat(found.serialization()).isEqualTo(expected.serialization());
            assertThat(found.allowSymlinks()).isEqualTo(expected.allowSymlinks());
            assertThat(found.subjectName()).isEqualTo(expected.subjectName());
        } catch (VerificationException e) {
            assertThat(e.getMessage()).isNotBlank();
        }
    }

    private static byte[] damaged(byte[] bytes, Random random) {
        if (bytes.length == 0) {
            return new byte[] {(byte) random.nextInt()};
        }
        int at = random.nextInt(bytes.length);
        switch (random.nextInt(6)) {
            case 0 -> {
                byte[] flipped = bytes.clone();
                flipped[at] ^= (byte) (1 << random.nextInt(8));
                return flipped;
            }
            case 1 -> {
                return java.util.Arrays.copyOf(bytes, at);
            }
            case 2 -> {
                byte[] shorter = new byte[bytes.length - 1];
                System.arraycopy(bytes, 0, shorter, 0, at);
                System.arraycopy(bytes, at + 1, shorter, at, shorter.length - at);
                return shorter;
            }
            case 3 -> {
                byte[] inserted = "{}[]\",:\\0\u0000nulltrue".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
                byte[] longer = new byte[bytes.length + 1];
                System.arraycopy(bytes, 0, longer, 0, at);
                longer[at] = inserted[random.nextInt(inserted.length)];
                System.arraycopy(bytes, at, longer, at + 1, bytes.length - at);
                return longer;
            }
            case 4 -> {
                int length = random.nextInt(Math.min(60, bytes.length - at) + 1);
                byte[] repeated = new byte[bytes.length + length];
                System.arraycopy(bytes, 0, repeated, 0, at + length);
                System.arraycopy(bytes, at, repeated, at + length, bytes.length - at);
                return repeated;
            }
            default -> {
                byte[] replaced = bytes.clone();
                replaced[at] = (byte) random.nextInt();
                return replaced;
            }
        }
    }

    private static void damage(JsonNode root, Random random) {
        List<JsonNode> containers = new ArrayList<>();
        collect(root, containers);
        JsonNode container = containers.get(random.nextInt(containers.size()));
        if (container instanceof ObjectNode object && !object.isEmpty()) {
            List<String> names = new ArrayList<>();
            object.fieldNames().forEachRemaining(names::add);
            String name = names.get(random.nextInt(names.size()));
            switch (random.nextInt(4)) {
                case 0 -> object.remove(name);
                case 1 -> object.set(name + random.nextInt(3), object.get(name));
                default -> object.set(name, strange(random, containers));
            }
        } else if (container instanceof ArrayNode array) {
            if (array.isEmpty() || random.nextBoolean()) {
                array.add(strange(random, containers));
            } else if (random.nextBoolean()) {
                array.remove(random.nextInt(array.size()));
            } else {
                array.add(array.get(random.nextInt(array.size())));
            }
        }
    }

    private static void collect(JsonNode node, List<JsonNode> containers) {
        if (node.isContainerNode()) {
            containers.add(node);
            node.forEach(child -> collect(child, containers));
        }
    }

    private static JsonNode strange(Random random, List<JsonNode> containers) {
        var factory = Models.JSON.getNodeFactory();
        return switch (random.nextInt(10)) {
            case 0 -> factory.nullNode();
            case 1 -> factory.numberNode(random.nextLong());
            case 2 -> factory.numberNode(-0.5);
            case 3 -> factory.booleanNode(random.nextBoolean());
            case 4 -> factory.textNode("");
            case 5 -> factory.textNode("AAAA");
            case 6 -> factory.textNode("\u0000\uFFFD../");
            case 7 -> factory.arrayNode();
            case 8 -> factory.objectNode();
            default -> containers.get(random.nextInt(containers.size())).deepCopy();
        };
    }
}
