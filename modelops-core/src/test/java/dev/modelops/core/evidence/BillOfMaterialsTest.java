package dev.modelops.core.evidence;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.tuple;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.LogPosition;
import dev.modelops.ModelRef;
import dev.modelops.Principal;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.core.evidence.Predicate.BillOfMaterials;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.registry.DataSet;
import dev.modelops.registry.ModelVersion;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.Signer;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.testkit.fixtures.TestKeys;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import org.cyclonedx.Version;
import org.cyclonedx.model.Bom;
import org.cyclonedx.model.Component;
import org.cyclonedx.model.Property;
import org.cyclonedx.parsers.JsonParser;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class BillOfMaterialsTest {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Signer SIGNER = TestKeys.seeded(29).ed25519("publisher");
    private static final Digest BUNDLE = Digest.sha256Of(Bytes.ofUtf8("bundle"));
    private static final Digest DATA = Digest.sha256Of(Bytes.ofUtf8("loans"));
    private static final Instant TIME = Instant.parse("2026-05-01T10:00:00Z");
    private static final List<SignedFile> FILES = files("config.json", "weights/a.bin");
    private static final List<SignedFile> PARENT_FILES = files("config.json", "weights/older.bin");
    private static final ModelVersion PARENT = version(2, PARENT_FILES, v -> {});
    private static final ModelVersion VERSION = version(3, FILES, v -> {
        v.description = "scores applicants";
        v.metrics = Map.of("ks", new BigDecimal("0.41"), "auc", new BigDecimal("0.8070"));
        v.parameters = Map.of("rounds", "100", "depth", "4");
        v.tags = Map.of("team", "credit");
        v.parent = Optional.of(VersionNumber.of(2));
        v.data = List.of(new DataSet("loans", DATA), new DataSet("loans", BUNDLE));
        v.commit = Optional.of("ab12cd");
        v.publisher = Optional.of(Crypto.keyDigest(SIGNER.publicKey()));
    });

    /** What a version may have besides its name. */
    private static final class Values {
        String description = "";
        Map<String, BigDecimal> metrics = Map.of();
        Map<String, String> parameters = Map.of();
        Map<String, String> tags = Map.of();
        Optional<VersionNumber> parent = Optional.empty();
        List<DataSet> data = List.of();
        Optional<String> commit = Optional.empty();
        Optional<Digest> publisher = Optional.empty();
        Optional<ModelVersion.Source> source = Optional.empty();
    }

    private static ModelVersion version(int number, List<SignedFile> files, Consumer<Values> set) {
        Values values = new Values();
        set.accept(values);
        return new ModelVersion(
                ModelRef.of("credit-risk", number),
                "classifier",
                values.description,
                values.metrics,
                values.parameters,
                values.tags,
                values.parent,
                values.data,
                values.commit,
                root(files),
                files.size(),
                1,
                BUNDLE,
                values.publisher,
                "active",
                Principal.of("corp", "ada"),
                TIME,
                LogPosition.of(7),
                values.source,
                Optional.empty());
    }

    private static List<SignedFile> files(String... names) {
        return List.of(names).stream()
                .map(name -> new SignedFile(name, Digest.sha256Of(Bytes.ofUtf8("content of " + name))))
                .toList();
    }

    /** As the specification of model signatures has it, over files in the order of their names. */
    private static Digest root(List<SignedFile> files) {
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            files.forEach(file -> sha256.update(file.digest().value().toByteArray()));
            return Digest.sha256(sha256.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static BillOfMaterials written() {
        return BillOfMaterials.of(VERSION, FILES, List.of(PARENT));
    }

    private static void assertValid(Bytes document) throws Exception {
        assertThat(new JsonParser().validate(document.toByteArray(), Version.VERSION_16))
                .as(document.toUtf8())
                .isEmpty();
    }

    /** The reader and the schemas are those of the CycloneDX project. */
    @Test
    void anotherReaderFindsInItWhatIsKnownOfTheVersion() throws Exception {
        Bytes document = written().document();
        assertValid(document);
        Bom bom = new JsonParser().parse(document.toByteArray());
        assertThat(bom.getSpecVersion()).isEqualTo("1.6");
        assertThat(bom.getVersion()).isEqualTo(1);
        assertThat(bom.getMetadata().getTimestamp().toInstant()).isEqualTo(TIME);
        Component model = bom.getMetadata().getComponent();
        assertThat(model.getType()).isEqualTo(Component.Type.MACHINE_LEARNING_MODEL);
        assertThat(model.getName()).isEqualTo("credit-risk");
        assertThat(model.getVersion()).isEqualTo("3");
        assertThat(model.getDescription()).isEqualTo("scores applicants");
        assertThat(model.getPurl()).isEqualTo("pkg:generic/credit-risk@3");
        assertThat(model.getHashes()).singleElement().satisfies(hash -> {
            assertThat(hash.getAlgorithm()).isEqualTo("SHA-256");
            assertThat(hash.getValue()).isEqualTo(VERSION.artifact().toHex());
        });
        assertThat(model.getComponents())
                .extracting(
                        Component::getType,
                        Component::getName,
                        file -> file.getHashes().get(0).getValue())
                .containsExactly(
                        tuple(
                                Component.Type.FILE,
                                "config.json",
                                FILES.get(0).digest().toHex()),
                        tuple(
                                Component.Type.FILE,
                                "weights/a.bin",
                                FILES.get(1).digest().toHex()));
        assertThat(model.getPedigree().getAncestors().getComponents())
                .singleElement()
                .satisfies(parent -> {
                    assertThat(parent.getVersion()).isEqualTo("2");
                    assertThat(parent.getHashes().get(0).getValue())
                            .isEqualTo(PARENT.artifact().toHex());
                });
        assertThat(model.getPedigree().getCommits())
                .singleElement()
                .satisfies(commit -> assertThat(commit.getUid()).isEqualTo("ab12cd"));
        assertThat(model.getExternalReferences())
                .singleElement()
                .satisfies(signature ->
                        assertThat(signature.getHashes().get(0).getValue()).isEqualTo(BUNDLE.toHex()));
        assertThat(model.getModelCard().getQuantitativeAnalysis().getPerformanceMetrics())
                .extracting(metric -> metric.getType() + "=" + metric.getValue())
                .containsExactly("auc=0.8070", "ks=0.41");
        assertThat(model.getModelCard().getModelParameters().getDatasets()).hasSize(2);
        assertThat(properties(model))
                .containsEntry("modelops:artifact", VERSION.artifact().toString())
                .containsEntry("modelops:kind", "classifier")
                .containsEntry("modelops:author", "corp|ada")
                .containsEntry("modelops:tag:team", "credit")
                .containsEntry(
                        "modelops:publisher",
                        Crypto.keyDigest(SIGNER.publicKey()).toString());
        assertThat(bom.getComponents())
                .extracting(Component::getType, Component::getName, Component::getBomRef)
                .containsExactly(
                        tuple(Component.Type.DATA, "loans", "data-set-1"),
                        tuple(Component.Type.DATA, "loans", "data-set-2"));
        assertThat(bom.getComponents().get(0).getHashes().get(0).getValue()).isEqualTo(DATA.toHex());
        assertThat(JSON.readTree(document.toByteArray()).at("/metadata/component/modelCard/properties"))
                .extracting(property -> property.path("name").textValue() + "="
                        + property.path("value").textValue())
                .containsExactly("modelops:parameter:depth=4", "modelops:parameter:rounds=100");
    }

    private static Map<String, String> properties(Component component) {
        Map<String, String> values = new TreeMap<>();
        for (Property property : component.getProperties()) {
            assertThat(values.put(property.getName(), property.getValue())).isNull();
        }
        return values;
    }

    @Test
    void aVersionOfWhichLittleIsKnownHasOneToo() throws Exception {
        ModelVersion bare = version(1, FILES, v -> {});
        Bytes document = BillOfMaterials.of(bare, FILES, List.of()).document();
        assertValid(document);
        JsonNode component = JSON.readTree(document.toByteArray()).at("/metadata/component");
        assertThat(component.has("pedigree")).isFalse();
        assertThat(component.has("description")).isFalse();
        assertThat(component.path("modelCard")).isEmpty();

        ModelVersion orphan = version(3, FILES, v -> v.parent = Optional.of(VersionNumber.of(2)));
        Bytes named = BillOfMaterials.of(orphan, FILES, List.of()).document();
        assertValid(named);
        assertThat(JSON.readTree(named.toByteArray()).at("/metadata/component/pedigree/ancestors/0"))
                .isEqualTo(JSON.readTree(
                        "{\"type\":\"machine-learning-model\",\"name\":\"credit-risk\",\"version\":\"2\"}"));
    }

    @Test
    void whereAVersionWasImportedFromIsTold() throws Exception {
        ModelVersion.Source source = new ModelVersion.Source(
                new LogKey("example.org/development+00000000+AA=="),
                ModelRef.of("risk", 9),
                Principal.of("corp", "dora"),
                Optional.empty(),
                LogPosition.of(4),
                DATA,
                DATA,
                DATA,
                DATA);
        Bytes document = BillOfMaterials.of(version(3, FILES, v -> v.source = Optional.of(source)), FILES, List.of())
                .document();
        assertValid(document);
        assertThat(properties(new JsonParser()
                        .parse(document.toByteArray())
                        .getMetadata()
                        .getComponent()))
                .containsEntry("modelops:source:log", "example.org/development")
                .containsEntry("modelops:source:version", "risk@9")
                .containsEntry("modelops:source:author", "corp|dora");
    }

    @Test
    void equalVersionsHaveEqualDocumentsAndOthersAnotherNumber() throws Exception {
        assertThat(written()).isEqualTo(written());
        assertThat(BillOfMaterials.of(VERSION, List.of(FILES.get(1), FILES.get(0)), List.of(PARENT)))
                .isEqualTo(written());
        String number = serialNumber(written());
        assertThat(number).matches("urn:uuid:[0-9a-f]{8}-[0-9a-f]{4}-8[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}");
        assertThat(serialNumber(BillOfMaterials.of(VERSION, FILES, List.of()))).isNotEqualTo(number);
        assertThat(serialNumber(BillOfMaterials.of(PARENT, PARENT_FILES, List.of())))
                .isNotEqualTo(number);
    }

    private static String serialNumber(BillOfMaterials bill) throws Exception {
        return JSON.readTree(bill.document().toByteArray()).path("serialNumber").textValue();
    }

    @Test
    void itIsOfTheFilesOfTheVersionAndOfNoOthers() {
        for (List<SignedFile> others : List.of(
                PARENT_FILES, FILES.subList(0, 1), List.<SignedFile>of(), files("config.json", "weights/b.bin"))) {
            assertThatThrownBy(() -> BillOfMaterials.of(VERSION, others, List.of()))
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageContaining("files must be those of credit-risk@3");
        }
        assertThatThrownBy(() -> BillOfMaterials.of(VERSION, FILES, List.of(VERSION)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("credit-risk@3 is not that of credit-risk@3");
        assertThatThrownBy(() -> BillOfMaterials.of(VERSION, FILES, List.of(PARENT, PARENT)))
                .isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void signedItIsReadAgainByteForByte() {
        Bytes envelope = Attestation.sign("credit-risk@3", VERSION.artifact(), written(), SIGNER);
        Attestation read = Attestation.verify(envelope, VERSION.artifact(), List.of(SIGNER.publicKey()), 1);
        assertThat(read.predicate()).isEqualTo(written());
        assertThat(((BillOfMaterials) read.predicate()).artifact()).contains(VERSION.artifact());
        assertThat(Attestation.typeOf(envelope)).contains("https://cyclonedx.org/bom");
        assertThat(Attestation.sign("credit-risk@3", VERSION.artifact(), written(), SIGNER))
                .isEqualTo(envelope);
    }

    /** The subject alone does not tell: whoever signs for one model may have taken the document of another. */
    @Test
    void theBillOfAnotherModelIsRefusedThoughItIsSigned() {
        assertThatThrownBy(() -> Attestation.sign("credit-risk@2", PARENT.artifact(), written(), SIGNER))
                .isInstanceOf(VerificationException.class)
                .hasMessage("bill of materials must be of " + PARENT.artifact() + ", but says that it is of "
                        + VERSION.artifact() + "; it belongs to another model or version");
        Bytes forced = Envelopes.sign(
                "application/vnd.in-toto+json",
                "{\"_type\":\"https://in-toto.io/Statement/v1\",\"subject\":[{\"digest\":{\"sha256\":\""
                        + PARENT.artifact().toHex() + "\"}}],\"predicateType\":\"" + BillOfMaterials.TYPE
                        + "\",\"predicate\":" + written().document().toUtf8() + "}",
                SIGNER);
        assertThatThrownBy(() -> Attestation.verify(forced, PARENT.artifact(), List.of(SIGNER.publicKey()), 1))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.INVALID_STATEMENT))
                .hasMessageContaining("belongs to another model or version");
    }

    @Test
    void oneOfAnotherToolIsTakenAsItIs() {
        BillOfMaterials other = new BillOfMaterials(
                Bytes.ofUtf8(
                        "{ \"bomFormat\": \"CycloneDX\", \"specVersion\": \"1.7\", \"metadata\": {\"component\": {\"name\": \"m\"}} }"));
        assertThat(other.artifact()).isEmpty();
        assertThat(other.document().toUtf8())
                .isEqualTo("{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.7\",\"metadata\":{\"component\":"
                        + "{\"name\":\"m\"}}}");
        Bytes envelope = Attestation.sign("m", VERSION.artifact(), other, SIGNER);
        assertThat(Attestation.verify(envelope, VERSION.artifact(), List.of(SIGNER.publicKey()), 1)
                        .predicate())
                .isEqualTo(other);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "[]",
                "{}",
                "{\"bomFormat\":\"SPDX\",\"specVersion\":\"1.6\"}",
                "{\"bomFormat\":\"CycloneDX\"}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":1.6}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\\n\"}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"specVersion\":\"1.5\"}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":[]}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":1}}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":{\"properties\":{}}}}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":{\"properties\":[7]}}}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":{\"properties\":["
                        + "{\"name\":\"modelops:artifact\",\"value\":\"sha256:AB\"}]}}}",
                "{\"bomFormat\":\"CycloneDX\",\"specVersion\":\"1.6\",\"metadata\":{\"component\":{\"properties\":["
                        + "{\"name\":\"modelops:artifact\",\"value\":\"x\"},{\"name\":\"modelops:artifact\"}]}}}"
            })
    void whatIsNoBillOfMaterialsIsRefused(String document) {
        assertThatThrownBy(() -> new BillOfMaterials(Bytes.ofUtf8(document)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("bill of materials");
    }

    @ParameterizedTest
    @MethodSource("seeds")
    void whateverIsKnownOfAVersionFitsTheSchema(long seed) throws Exception {
        Random random = new Random(seed);
        List<SignedFile> files = new ArrayList<>();
        for (int i = 0; i <= random.nextInt(5); i++) {
            files.add(new SignedFile(i + text(random), Digest.sha256Of(Bytes.ofUtf8(text(random)))));
        }
        ModelVersion version = version(3, files, v -> {
            v.description = text(random);
            v.tags = texts(random);
            v.parameters = texts(random);
            Map<String, BigDecimal> metrics = new HashMap<>();
            texts(random).keySet().forEach(name -> metrics.put(name, BigDecimal.valueOf(random.nextLong(), 400)));
            v.metrics = metrics;
            v.data = texts(random).keySet().stream()
                    .map(name -> new DataSet(name, Digest.sha256Of(Bytes.ofUtf8(name))))
                    .toList();
            v.commit = random.nextBoolean() ? Optional.of(text(random)) : Optional.empty();
            v.parent = random.nextBoolean() ? Optional.of(VersionNumber.of(2)) : Optional.empty();
        });
        BillOfMaterials bill = BillOfMaterials.of(version, files, List.of());
        assertValid(bill.document());
        assertThat(new BillOfMaterials(bill.document())).isEqualTo(bill);
        assertThat(bill.artifact()).contains(version.artifact());
        JsonNode tree = JSON.readTree(bill.document().toByteArray());
        assertThat(tree.at("/metadata/component/components")).hasSize(files.size());
        assertThat(tree.at("/metadata/component/description").asText("")).isEqualTo(version.description());
    }

    static IntStream seeds() {
        return IntStream.range(0, 40);
    }

    private static Map<String, String> texts(Random random) {
        Map<String, String> texts = new HashMap<>();
        for (int i = 0; i < random.nextInt(4); i++) {
            texts.put("k" + text(random), text(random));
        }
        return texts;
    }

    private static String text(Random random) {
        String alphabet = "ab \"\\\n\u0000\u2028é漢\ud83d\ude00{}[],:/";
        StringBuilder text = new StringBuilder();
        int[] points = alphabet.codePoints().toArray();
        for (int i = 0; i <= random.nextInt(12); i++) {
            text.appendCodePoint(points[random.nextInt(points.length)]);
        }
        return text.toString();
    }

    /** For what has no type of its own here, such as the scan of another tool. */
    @Test
    void aStatementOfAnyKindIsSignedAsItStands() throws Exception {
        String predicate = " {\"scanner\": {\"uri\":\"x\"}, \"score\": 0.12345678901234567890, \"none\": null} ";
        Bytes envelope =
                Attestation.sign("m", VERSION.artifact(), "https://example.org/scan", Bytes.ofUtf8(predicate), SIGNER);
        assertThat(new String(Envelopes.payload(envelope), StandardCharsets.UTF_8))
                .endsWith("\"predicateType\":\"https://example.org/scan\",\"predicate\":" + predicate.strip() + "}");
        assertThat(Attestation.typeOf(envelope)).contains("https://example.org/scan");
        assertThatThrownBy(() -> Attestation.verify(envelope, VERSION.artifact(), List.of(SIGNER.publicKey()), 1))
                .isInstanceOfSatisfying(
                        VerificationException.class, e -> assertThat(e.reason()).isEqualTo(Reason.UNSUPPORTED));
        Bytes empty = Attestation.sign("m", VERSION.artifact(), "x", Bytes.ofUtf8("{}"), SIGNER);
        assertThat(JSON.readTree(Envelopes.payload(empty)).path("predicate")).isEqualTo(JSON.createObjectNode());
    }

    @Test
    void aStatementThatWouldNotBeReadIsNotSigned() {
        for (String bad :
                List.of("", "[]", "{\"a\":1,\"a\":2}", "{} {}", "{\"a\":" + "[".repeat(31) + "]".repeat(31) + "}")) {
            assertThatThrownBy(() -> Attestation.sign(
                            "m", VERSION.artifact(), "https://example.org/scan", Bytes.ofUtf8(bad), SIGNER))
                    .as(bad)
                    .isInstanceOf(VerificationException.class);
        }
        assertThatThrownBy(() -> Attestation.sign(
                        "m",
                        VERSION.artifact(),
                        Predicate.TestResult.TYPE,
                        Bytes.ofUtf8("{\"result\":\"GOOD\"}"),
                        SIGNER))
                .isInstanceOf(VerificationException.class);
        assertThatThrownBy(() -> Attestation.sign("m", VERSION.artifact(), " ", Bytes.ofUtf8("{}"), SIGNER))
                .isInstanceOf(IllegalArgumentException.class);
        assertThatThrownBy(() -> Attestation.sign(
                        "m", PARENT.artifact(), BillOfMaterials.TYPE, written().document(), SIGNER))
                .isInstanceOf(VerificationException.class)
                .hasMessageContaining("belongs to another model");
    }

    @Test
    void whatIsNoEnvelopeHasNoType() {
        assertThat(Attestation.typeOf(written().document())).isEmpty();
        assertThat(Attestation.typeOf(Bytes.ofUtf8("report"))).isEmpty();
        assertThatThrownBy(() -> Attestation.typeOf(Bytes.ofUtf8("{\"payloadType\":1}")))
                .isInstanceOf(VerificationException.class);
    }
}
