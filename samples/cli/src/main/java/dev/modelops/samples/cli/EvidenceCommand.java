package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Progress;
import dev.modelops.VersionNumber;
import dev.modelops.audit.LogKey;
import dev.modelops.core.EvidenceBundle;
import dev.modelops.core.StoreInspection;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.evidence.Predicate.BillOfMaterials;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.registry.Evidence;
import dev.modelops.registry.ModelVersion;
import dev.modelops.registry.RegistryView;
import dev.modelops.signing.SignedFile;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.ArrayList;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs about what speaks for versions. */
@Command(
        name = "evidence",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Makes, signs, attaches, lists, verifies and exports what speaks for a version.",
        subcommands = {
            EvidenceCommand.WriteBill.class,
            EvidenceCommand.Sign.class,
            EvidenceCommand.Verify.class,
            EvidenceCommand.Attach.class,
            EvidenceCommand.ListEvidence.class,
            EvidenceCommand.Export.class
        },
        footerHeading = "%n",
        footer = {
            "A statement is in-toto's, in a signed envelope (DSSE), about the root digest of",
            "a model's files, which 'modelops digest' and 'modelops model show' tell.",
            "",
            "Kinds with short names: provenance, verification-summary, test-result, release,",
            "approval and bom; any other by its URI."
        })
final class EvidenceCommand {
    private static final int MOST_BYTES = 64 * 1024 * 1024;
    private static final Map<String, String> KINDS = Map.of(
            "provenance", Predicate.Provenance.TYPE,
            "verification-summary", Predicate.VerificationSummary.TYPE,
            "test-result", Predicate.TestResult.TYPE,
            "release", Predicate.Release.TYPE,
            "approval", Predicate.Approval.TYPE,
            "bom", BillOfMaterials.TYPE);

    private EvidenceCommand() {}

    private static String kind(String text) {
        return KINDS.getOrDefault(text, text);
    }

    private static Bytes read(Path file) {
        return Bytes.of(SmallFiles.bytes("document", file, MOST_BYTES));
    }

    @Command(
            name = "bom",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Writes the bill of materials of a version: CycloneDX 1.6 in JSON, with its model card.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops evidence bom credit-risk@3 --store /srv/models --to bom.json",
                "",
                "It tells files, data sets, metrics, parameters, tags, the versions that this one",
                "was made from, and where it was imported from. The same version has the same",
                "document. Sign it with 'evidence sign --type bom'.",
                "",
                "JSON: {\"file\", \"version\", \"artifact\", \"digest\": of the document}."
            })
    static final class WriteBill extends StoreVerb {
        @Parameters(paramLabel = "NAME@N", description = "The version.")
        @SuppressWarnings("NullAway.Init")
        private ModelRef version;

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The document to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            StoreAddress source = address();
            LogKey key = logKey().of(source, this);
            try (OpenStorage opened = source.open()) {
                RegistryView registry =
                        StoreInspection.open(opened.storage(), key).registry();
                ModelVersion found = require(registry, version);
                Bytes document = BillOfMaterials.of(found, files(opened.storage(), found), ancestors(registry, found))
                        .document();
                SmallFiles.writeNew(file, document.toUtf8());
                print(
                        found,
                        unused -> out().println("Wrote the bill of materials of " + version + " to " + file + "."),
                        unused -> Json.object()
                                .put("file", file.toString())
                                .put("version", version.toString())
                                .put("artifact", found.artifact().toString())
                                .put("digest", Digest.sha256Of(document).toString()));
            }
            return 0;
        }

        private static List<ModelVersion> ancestors(RegistryView registry, ModelVersion version) {
            List<ModelVersion> ancestors = new ArrayList<>();
            Optional<VersionNumber> parent = version.parent();
            while (parent.isPresent()) {
                Optional<ModelVersion> found =
                        registry.find(new ModelRef(version.ref().name(), parent.get()));
                found.ifPresent(ancestors::add);
                parent = found.flatMap(ModelVersion::parent);
            }
            return ancestors;
        }

        /** The store is not believed: they must make up the artifact that the log tells of. */
        private static List<SignedFile> files(Storage storage, ModelVersion version) {
            try (InputStream in = storage.blobs().open(version.bundle())) {
                Bytes bundle = Bytes.of(in.readNBytes(MOST_BYTES));
                if (!Digest.sha256Of(bundle).equals(version.bundle())) {
                    throw new CliFailure("the signature of " + version.ref() + " must be " + version.bundle()
                            + ", but the store has other bytes under that name; run 'modelops log verify'");
                }
                return ModelSignatures.inspect(bundle).resources();
            } catch (IOException e) {
                throw new CliFailure("the signature of " + version.ref() + " cannot be read: " + e.getMessage());
            }
        }
    }

    @Command(
            name = "sign",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Signs a document as a statement about a model. Needs no store.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops evidence sign result.json --type test-result --model credit-risk@3 \\",
                "      --artifact sha256:... --private-key tester.pem --to result.dsse",
                "  modelops evidence sign bom.json --type bom --artifact sha256:... \\",
                "      --private-key release.pem --to bom.dsse",
                "",
                "The document is signed as it stands. One of a kind with a short name must be",
                "well formed, and a bill of materials must be of that very model.",
                "",
                "JSON: {\"file\", \"type\", \"artifact\", \"key\"}."
            })
    static final class Sign extends Verb {
        @Parameters(paramLabel = "FILE", description = "What is to be stated, one object in JSON.")
        @SuppressWarnings("NullAway.Init")
        private Path document;

        @Option(
                names = "--type",
                required = true,
                paramLabel = "KIND",
                description = "The kind of statement: a short name, or a URI.")
        @SuppressWarnings("NullAway.Init")
        private String type;

        @Option(
                names = "--artifact",
                required = true,
                paramLabel = "DIGEST",
                description = "The root digest of the model, as 'modelops digest' prints it.")
        @SuppressWarnings("NullAway.Init")
        private Digest artifact;

        @Option(
                names = "--model",
                paramLabel = "TEXT",
                defaultValue = "model",
                description = "What people call the model; for display only.")
        @SuppressWarnings("NullAway.Init")
        private String model;

        @Mixin
        private final SigningKey key = new SigningKey();

        @Option(names = "--to", required = true, paramLabel = "FILE", description = "The envelope to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            String uri = kind(type);
            requireUsage(
                    uri.contains(":"),
                    "--type must be one of "
                            + String.join(", ", KINDS.keySet().stream().sorted().toList()) + ", or a URI, but was '"
                            + type + "'");
            requireUsage(artifact.algorithm().equals("sha256"), "--artifact must be a SHA-256 digest");
            Signer signer = key.open(this);
            Bytes envelope;
            try {
                envelope = Attestation.sign(model, artifact, uri, read(document), signer);
            } catch (IllegalArgumentException e) {
                throw new CliFailure(String.valueOf(e.getMessage()));
            }
            SmallFiles.writeNew(file, envelope.toUtf8());
            print(
                    envelope,
                    unused -> {
                        Table table = new Table();
                        table.row("statement", file.toString());
                        table.row("type", uri);
                        table.row("artifact", artifact.toString());
                        table.row("key", signer.toString());
                        table.print(out());
                    },
                    unused -> Json.object()
                            .put("file", file.toString())
                            .put("type", uri)
                            .put("artifact", artifact.toString())
                            .put("key", signer.toString()));
            return 0;
        }
    }

    @Command(
            name = "verify",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies a signed statement about a model, offline.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops evidence verify result.dsse --artifact sha256:... \\",
                "      --public-key tester.pub",
                "",
                "Different keys count, however often one of them signed.",
                "",
                "JSON: {\"verified\": true, \"type\", \"artifact\", \"signers\", \"predicate\"} or",
                "{\"verified\": false, \"reason\", \"message\"}.",
                "",
                "Exit code: 0 if it is verified, otherwise 1."
            })
    static final class Verify extends Verb {
        @Parameters(paramLabel = "FILE", description = "The envelope.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(
                names = "--artifact",
                required = true,
                paramLabel = "DIGEST",
                description = "The root digest of the model that it must be about.")
        @SuppressWarnings("NullAway.Init")
        private Digest artifact;

        @Option(
                names = "--public-key",
                required = true,
                paramLabel = "FILE",
                description = "A key that may sign it, in PEM. May be repeated.")
        @SuppressWarnings("NullAway.Init")
        private List<Path> keys;

        @Option(
                names = "--threshold",
                paramLabel = "K",
                defaultValue = "1",
                description = "How many of these keys must have signed it; 1 by default.")
        private int threshold;

        @Override
        public Integer call() {
            List<PublicKey> trusted = new ArrayList<>();
            for (Path key : keys) {
                try {
                    trusted.add(SmallFiles.publicKey(key));
                } catch (SigningException e) {
                    throw SmallFiles.unusable("public key", key, e);
                }
            }
            Set<String> different = new HashSet<>();
            trusted.forEach(key -> different.add(Keys.publicKeyPem(key)));
            requireUsage(
                    threshold >= 1 && threshold <= different.size(),
                    "--threshold must be from 1 to " + different.size() + ", the number of different keys, but was "
                            + threshold);
            Bytes envelope = read(file);
            Attestation attestation;
            try {
                attestation = Attestation.verify(envelope, artifact, trusted, threshold);
            } catch (VerificationException e) {
                printRejected(e.reason(), String.valueOf(e.getMessage()));
                return ModelOpsCli.FAILED;
            }
            print(attestation, this::show, verified -> object(verified, envelope));
            return 0;
        }

        private void printRejected(Reason reason, String message) {
            print(
                    message,
                    text -> out().println("The statement is NOT verified: " + Printable.of(reason + ": " + text)),
                    text -> Json.object()
                            .put("verified", false)
                            .put("reason", reason.name())
                            .put("message", text));
        }

        private void show(Attestation attestation) {
            out().println("The statement is verified: signed by "
                    + count(attestation.signers().size(), "key", "keys") + " that you trust.");
            Table table = new Table();
            table.row("type", attestation.predicate().type());
            table.row("artifact", attestation.artifact().toString());
            attestation.signers().stream().map(Object::toString).sorted().forEach(key -> table.row("key", key));
            says(attestation.predicate()).ifPresent(outcome -> table.row("says", outcome));
            table.print(out());
        }

        private static Optional<String> says(Predicate predicate) {
            if (predicate instanceof Predicate.TestResult tests) {
                return Optional.of(
                        tests.result() + ": " + count(tests.passedTests().size(), "test", "tests")
                                + " passed, " + tests.warnedTests().size() + " warned, "
                                + tests.failedTests().size() + " failed");
            }
            if (predicate instanceof Predicate.VerificationSummary summary) {
                return Optional.of(summary.result() + " by " + summary.verifier());
            }
            if (predicate instanceof Predicate.Approval approval) {
                return Optional.of(approval.verdict() + " of " + approval.version() + " for " + approval.environment()
                        + " by " + approval.by() + " in " + approval.log());
            }
            if (predicate instanceof Predicate.Provenance provenance) {
                return Optional.of("made by " + provenance.builder());
            }
            return predicate instanceof Predicate.Release release
                    ? Optional.of("released as " + release.purl())
                    : Optional.empty();
        }

        private static ObjectNode object(Attestation attestation, Bytes envelope) {
            ObjectNode object = Json.object()
                    .put("verified", true)
                    .put("type", attestation.predicate().type())
                    .put("artifact", attestation.artifact().toString());
            object.set(
                    "signers",
                    Json.array(attestation.signers().stream()
                            .map(Object::toString)
                            .sorted()
                            .toList()));
            object.set("predicate", predicate(envelope));
            return object;
        }

        private static JsonNode predicate(Bytes verified) {
            String payload = Json.parse(verified).orElseThrow().path("payload").textValue();
            return Json.parse(Bytes.of(Base64.getDecoder().decode(payload)))
                    .orElseThrow()
                    .path("predicate");
        }
    }

    @Command(
            name = "attach",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Attaches a document or a signed statement to a version, if the policy set permits it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops evidence attach credit-risk@3 result.dsse --store /srv/models \\",
                "      --writer writer.pem --as 'https://id.example.org|vera'",
                "  modelops evidence attach credit-risk@3 report.pdf --type validation-report \\",
                "      --store /srv/models --writer writer.pem --as 'https://id.example.org|vera'",
                "",
                "A signed statement must be about that very version; it says itself of what kind",
                "it is. What no publisher of the log has signed is kept, and proves nothing.",
                "",
                "Who holds the writer key is believed to be whoever --as says: keep it from",
                "those who should not act for others.",
                "",
                "JSON: {\"version\", \"type\", \"digest\", \"bytes\", \"by\", \"at\", \"position\", \"signers\",",
                "\"outcome\"}; outcome may be null."
            })
    static final class Attach extends StoreVerb {
        @Parameters(index = "0", paramLabel = "NAME@N", description = "The version.")
        @SuppressWarnings("NullAway.Init")
        private ModelRef version;

        @Parameters(index = "1", paramLabel = "FILE", description = "The document.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Option(
                names = "--type",
                paramLabel = "KIND",
                description = "What kind of document it is: a short name, a URI, or a plain name such as"
                        + " validation-report. A signed statement needs none.")
        private @Nullable String type;

        @Mixin
        private final Acting acting = new Acting();

        @Override
        public Integer call() {
            StoreAddress target = address();
            Bytes document = read(file);
            String kind = type == null ? Attestation.typeOf(document).orElse(null) : kind(type);
            requireUsage(
                    kind != null,
                    "--type is needed: " + file + " is no signed statement, which would say of what kind it is");
            LogKey key = logKey().of(target, this);
            try (OpenStorage opened = target.open();
                    ModelOps ops = acting.start(opened, key)) {
                print(
                        ops.as(acting.who()).registry().attach(version, String.valueOf(kind), document),
                        this::show,
                        Attach::object);
            }
            return 0;
        }

        private void show(Evidence evidence) {
            out().println("Attached " + Printable.of(evidence.type()) + " to " + version + ", at position "
                    + evidence.position() + ".");
            out().println(
                            evidence.signers().isEmpty()
                                    ? "No publisher of this log has signed it: it is kept, and proves nothing."
                                    : "Signed by "
                                            + count(evidence.signers().size(), "publisher", "publishers")
                                            + " of this log"
                                            + evidence.outcome()
                                                    .map(outcome -> ", and says " + outcome)
                                                    .orElse("")
                                            + ".");
        }

        private static ObjectNode object(Evidence evidence) {
            ObjectNode object = Json.object().put("version", evidence.ref().toString());
            object.setAll(Models.json(evidence));
            return object;
        }
    }

    @Command(
            name = "list",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Lists what is attached to a version, and who signed it.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops evidence list credit-risk@3 --store /srv/models",
                "",
                "JSON: {\"position\", \"version\", \"artifact\", \"evidence\": [{\"type\", \"digest\",",
                "\"bytes\", \"by\", \"at\", \"position\", \"signers\", \"outcome\"}]}; outcome may be null."
            })
    static final class ListEvidence extends StoreVerb {
        @Mixin
        private final ModelCommand.State state = new ModelCommand.State();

        @Parameters(paramLabel = "NAME@N", description = "The version.")
        @SuppressWarnings("NullAway.Init")
        private ModelRef version;

        @Override
        public Integer call() {
            try (Store opened = open()) {
                RegistryView registry = opened.registry(state.asOf);
                ModelVersion found = require(registry, version);
                print(registry.evidence(version), this::show, evidence -> {
                    ObjectNode object = Json.object()
                            .put("position", registry.position().size())
                            .put("version", version.toString())
                            .put("artifact", found.artifact().toString());
                    object.set(
                            "evidence",
                            Json.array(evidence.stream().map(Models::json).toList()));
                    return object;
                });
            }
            return 0;
        }

        private void show(List<Evidence> evidence) {
            if (evidence.isEmpty()) {
                out().println("Nothing is attached to " + version + ".");
                return;
            }
            Table table = new Table("type", "outcome", "signers", "attached", "by", "bytes", "digest");
            for (Evidence each : evidence) {
                table.row(
                        each.type(),
                        each.outcome().map(Enum::name).orElse("-"),
                        Integer.toString(each.signers().size()),
                        each.at().toString(),
                        each.by().toString(),
                        Long.toString(each.size()),
                        each.digest().toString());
            }
            table.print(out());
        }
    }

    @Command(
            name = "export",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Writes all that speaks for a version into a folder, to be verified with no store.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops evidence export credit-risk@3 --store /srv/models --to credit-risk-3/",
                "",
                "It holds the model's signature, every attached document, and the entries about",
                "the version with their decisions, each with a receipt. The model's files are not",
                "in it. 'modelops verify bundle' checks it.",
                "",
                "JSON: {\"folder\", \"version\", \"source\": the key of the log}."
            })
    static final class Export extends StoreVerb {
        @Parameters(paramLabel = "NAME@N", description = "The version.")
        @SuppressWarnings("NullAway.Init")
        private ModelRef version;

        @Option(names = "--to", required = true, paramLabel = "DIR", description = "The folder to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path folder;

        @Override
        public Integer call() {
            StoreAddress source = address();
            LogKey key = logKey().of(source, this);
            try (OpenStorage opened = source.open()) {
                EvidenceBundle.export(opened.storage(), key, version, folder, Progress.NONE);
            }
            print(
                    folder,
                    unused -> out().println("Exported what speaks for " + version + " to " + folder
                            + "; check it with 'modelops verify bundle'."),
                    unused -> Json.object()
                            .put("folder", folder.toString())
                            .put("version", version.toString())
                            .put("source", key.text()));
            return 0;
        }
    }

    private static ModelVersion require(RegistryView registry, ModelRef version) {
        return registry.find(version)
                .orElseThrow(() -> new NotFoundException("there is no version " + version + " at position "
                        + registry.position() + "; list the models to see what there is"));
    }
}
