package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.InvalidModelException;
import dev.modelops.Progress;
import dev.modelops.audit.LogKey;
import dev.modelops.core.EvidenceBundle;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.Timestamp;
import dev.modelops.core.signing.Timestamps;
import dev.modelops.core.signing.VerificationOptions;
import dev.modelops.core.signing.VerificationOptions.Compatibility;
import dev.modelops.core.signing.Verifiers;
import dev.modelops.signing.SigningException;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult;
import dev.modelops.signing.Verifier;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509CRL;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The verbs that verify models against their signatures. */
@Command(
        name = "verify",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Verifies models signed by OpenSSF Model Signing: first the signature, then every file.",
        subcommands = {
            VerifyCommand.ByKey.class,
            VerifyCommand.ByCertificate.class,
            VerifyCommand.Keyless.class,
            VerifyCommand.OfBundle.class,
            VerifyCommand.OfTimestamp.class
        },
        footerHeading = "%n",
        footer = {
            "How the files were hashed and what was left out is read from the signature.",
            "",
            "Exit codes: 0 verified; 1 not verified, with the reason; 2 wrong usage."
        })
final class VerifyCommand {
    private VerifyCommand() {}

    /** What every way to verify has. */
    abstract static class VerifyVerb extends Verb {
        private static final String INVALID_MODEL = "INVALID_MODEL";

        @Mixin
        private final ModelFiles files = new ModelFiles();

        @Option(names = "--signature", required = true, paramLabel = "FILE", description = "The signature.")
        @SuppressWarnings("NullAway.Init")
        private Path signature;

        @Option(
                names = "--ignore-unsigned-files",
                negatable = true,
                description = "Pass over files that nobody signed. What is signed is checked all the same.")
        private boolean unsignedIgnored;

        @Option(
                names = "--accept",
                paramLabel = "DEPARTURE",
                description = "Accept what could be mistaken for a forgery: old-statements (before version 1.0),"
                        + " shard-algorithms (written as by the Python client) or signing-time-unknown (a certificate"
                        + " that is not valid now). May be repeated.")
        private List<Compatibility> accepted = List.of();

        abstract Verifier verifier();

        /** Returns whose timestamps are believed. */
        Set<X509Certificate> timestampAnchors() {
            return Set.of();
        }

        @Override
        public Integer call() {
            VerificationOptions options = new VerificationOptions(
                    files.ignored(this),
                    files.isGitIgnored(),
                    files.areSymlinksAllowed(),
                    unsignedIgnored,
                    Set.copyOf(accepted),
                    timestampAnchors());
            Verifier verifier = verifier();
            VerificationResult result;
            try {
                result = ModelSignatures.verify(files.model(), signature, verifier, options, Progress.NONE);
            } catch (InvalidModelException e) {
                print(
                        String.valueOf(e.getMessage()),
                        message -> printNotVerified(INVALID_MODEL + ": " + message),
                        message -> notVerified(INVALID_MODEL, message));
                return ModelOpsCli.FAILED;
            }
            print(result, this::print, VerifyVerb::json);
            return result instanceof VerificationResult.Verified ? 0 : ModelOpsCli.FAILED;
        }

        private void print(VerificationResult result) {
            if (result instanceof VerificationResult.Rejected rejected) {
                printNotVerified(rejected.reason() + ": " + rejected.message());
                return;
            }
            VerificationResult.Verified verified = (VerificationResult.Verified) result;
            out().println("The model is verified: " + count(verified.files().size(), "resource is", "resources are")
                    + " as signed.");
            Table table = new Table();
            table.row("root", verified.root().toString());
            table.row("key", verified.signer().toString());
            verified.notes().forEach(note -> table.row("note", note.code() + ": " + note.message()));
            table.print(out());
        }

        private void printNotVerified(String why) {
            out().println("The model is NOT verified: " + Printable.of(why));
        }

        private static ObjectNode notVerified(String reason, String message) {
            return Json.object().put("verified", false).put("reason", reason).put("message", message);
        }

        private static ObjectNode json(VerificationResult result) {
            if (result instanceof VerificationResult.Rejected rejected) {
                return notVerified(rejected.reason().name(), rejected.message());
            }
            VerificationResult.Verified verified = (VerificationResult.Verified) result;
            ObjectNode json = Json.object().put("verified", true);
            json.put("root", verified.root().toString())
                    .put("key", verified.signer().toString())
                    .put("resources", verified.files().size());
            json.set("notes", InspectCommand.notes(verified.notes()));
            return json;
        }
    }

    @Command(
            name = "key",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies a model that was signed with a key.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops verify key model/ --signature model.sig --public-key release.pub",
                "",
                "JSON: {\"verified\": true, \"root\", \"key\", \"resources\", \"notes\": [{\"code\",",
                "\"message\"}]} or {\"verified\": false, \"reason\", \"message\"}."
            })
    static final class ByKey extends VerifyVerb {
        @Option(
                names = "--public-key",
                required = true,
                paramLabel = "FILE",
                description = "The key of the publisher, in PEM.")
        @SuppressWarnings("NullAway.Init")
        private Path key;

        @Mixin
        private final StampTrust stamps = new StampTrust();

        @Override
        Set<X509Certificate> timestampAnchors() {
            return stamps.anchors();
        }

        @Override
        Verifier verifier() {
            try {
                return Verifiers.key(SmallFiles.publicKey(key));
            } catch (SigningException e) {
                throw SmallFiles.unusable("public key", key, e);
            }
        }
    }

    @Command(
            name = "certificate",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies a model that was signed with a certificate.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops verify certificate model/ --signature model.sig \\",
                "      --certificate-chain issuer.crt --timestamp-chain tsa.crt",
                "",
                "No certificate of this machine is trusted, only those named here. Where a",
                "trusted timestamp tells when the model was signed, certificates must have been",
                "valid then, otherwise now. Nobody is asked over the network whether one was",
                "revoked: bring the lists with --crl.",
                "JSON: as of 'verify key'."
            })
    static final class ByCertificate extends VerifyVerb {
        @Option(
                names = "--certificate-chain",
                required = true,
                paramLabel = "FILE",
                description = "The certificates to trust, in PEM. May be repeated.")
        @SuppressWarnings("NullAway.Init")
        private List<Path> anchors;

        @Mixin
        private final StampTrust stamps = new StampTrust();

        @Override
        Set<X509Certificate> timestampAnchors() {
            return stamps.anchors();
        }

        @Option(
                names = "--crl",
                paramLabel = "FILE",
                description = "A certificate revocation list, in DER or PEM. May be repeated. If one is named, there"
                        + " must be one that holds now of each issuer on the way.")
        private List<Path> revocations = List.of();

        @Override
        Verifier verifier() {
            List<X509Certificate> certificates = new ArrayList<>();
            anchors.forEach(file -> certificates.addAll(SmallFiles.certificates(file)));
            List<X509CRL> lists = new ArrayList<>();
            revocations.forEach(file -> lists.addAll(SmallFiles.revocations(file)));
            return Verifiers.certificate(certificates, lists, Clock.systemUTC());
        }
    }

    @Command(
            name = "keyless",
            aliases = "sigstore",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies a model that somebody signed through Sigstore. Asks nobody over the network.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops verify keyless model/ --signature model.sig \\",
                "      --identity ada@example.org --identity-provider https://accounts.example.org \\",
                "      --trusted-root trusted_root.json",
                "",
                "Sigstore publishes the trusted root of its public instance; get it by a TUF",
                "client, such as 'cosign trusted-root create' or 'cosign initialize'.",
                "JSON: as of 'verify key'."
            })
    static final class Keyless extends VerifyVerb {
        @Option(
                names = "--identity",
                required = true,
                paramLabel = "NAME",
                description = "Who must have signed: an e-mail address, or the address of a workflow.")
        @SuppressWarnings("NullAway.Init")
        private String identity;

        @Option(
                names = "--identity-provider",
                required = true,
                paramLabel = "URL",
                description = "Who must have vouched for that.")
        @SuppressWarnings("NullAway.Init")
        private String provider;

        @Option(
                names = "--trusted-root",
                required = true,
                paramLabel = "FILE",
                description = "The trusted_root.json of the Sigstore instance.")
        @SuppressWarnings("NullAway.Init")
        private Path trustedRoot;

        @Override
        Verifier verifier() {
            return Verifiers.keyless(trustedRoot, identity, provider);
        }
    }

    @Command(
            name = "bundle",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies a folder with all that speaks for a version, offline.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops verify bundle credit-risk-3/ --log-key log.vkey \\",
                "      --public-key release.pub",
                "",
                "This proves that the log of that key holds these entries about the version, that",
                "one of the publishers signed the model, and who of them signed which evidence.",
                "It does not prove that these are all the entries.",
                "JSON: {\"version\", \"source\", \"artifact\", \"publisher\", \"position\", \"root\",",
                "\"evidence\": [{\"type\", \"digest\", \"bytes\", \"signers\", \"outcome\"}],",
                "\"entries\": as 'modelops log show --json' writes them}."
            })
    static final class OfBundle extends Verb {
        @Parameters(paramLabel = "DIR", description = "The folder.")
        @SuppressWarnings("NullAway.Init")
        private Path folder;

        @Option(
                names = "--log-key",
                required = true,
                paramLabel = "FILE|TEXT",
                description = "The key of the log, had from elsewhere than the folder.")
        @SuppressWarnings("NullAway.Init")
        private LogKey log;

        @Option(
                names = "--public-key",
                required = true,
                paramLabel = "FILE",
                description = "A key that may sign models and evidence, in PEM. May be repeated.")
        @SuppressWarnings("NullAway.Init")
        private List<Path> keys;

        @Override
        public Integer call() {
            List<PublicKey> publishers = new ArrayList<>();
            for (Path key : keys) {
                try {
                    publishers.add(SmallFiles.publicKey(key));
                } catch (SigningException e) {
                    throw new CliFailure("the public key " + key + " cannot be used: " + e.getMessage());
                }
            }
            EvidenceBundle bundle = EvidenceBundle.verify(folder, new EvidenceBundle.Trust(log, publishers, List.of()));
            print(bundle, this::show, OfBundle::object);
            return 0;
        }

        private void show(EvidenceBundle bundle) {
            out().println("The folder is sound: " + bundle.version() + " of "
                    + bundle.source().origin() + ", with "
                    + count(bundle.entries().size(), "entry", "entries")
                    + " about it.");
            Table table = new Table();
            table.row("version", bundle.version().toString());
            table.row("log", bundle.source().origin());
            table.row("artifact", bundle.artifact().toString());
            table.row("publisher", bundle.publisher().toString());
            table.row("as of", "position " + bundle.checkpoint().position());
            for (EvidenceBundle.Document document : bundle.evidence()) {
                table.row(
                        "evidence",
                        Printable.of(document.type())
                                + (document.signers().isEmpty() ? "" : ", signed")
                                + document.outcome()
                                        .map(outcome -> ", " + outcome)
                                        .orElse(""));
            }
            table.print(out());
            out().println();
            Entries.print(out(), new Entries.Listing(bundle.entries(), false, Map.of()));
        }

        private static ObjectNode object(EvidenceBundle bundle) {
            ObjectNode object = Json.object()
                    .put("version", bundle.version().toString())
                    .put("source", bundle.source().text())
                    .put("artifact", bundle.artifact().toString())
                    .put("publisher", bundle.publisher().toString())
                    .put("position", bundle.checkpoint().position().size())
                    .put("root", bundle.checkpoint().root().toString());
            object.set(
                    "evidence",
                    Json.array(bundle.evidence().stream().map(OfBundle::object).toList()));
            object.set(
                    "entries",
                    Json.array(bundle.entries().stream().map(Entries::json).toList()));
            return object;
        }

        private static ObjectNode object(EvidenceBundle.Document document) {
            ObjectNode object = Json.object()
                    .put("type", document.type())
                    .put("digest", document.digest().toString())
                    .put("bytes", document.size());
            ArrayNode signers = object.putArray("signers");
            document.signers().stream().map(Object::toString).sorted().forEach(signers::add);
            return object.put("outcome", document.outcome().map(Enum::name).orElse(null));
        }
    }

    @Command(
            name = "timestamp",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies the timestamp beside a file, such as the checkpoint of an exported log.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops verify timestamp export/checkpoint --timestamp-chain tsa.crt",
                "",
                "The timestamp is a response of RFC 3161 in a file of the same name and '.tsr'.",
                "JSON: {\"verified\": true, \"time\", \"accuracy\", \"authority\", \"key\"} or",
                "{\"verified\": false, \"reason\", \"message\"}."
            })
    static final class OfTimestamp extends Verb {
        @Parameters(paramLabel = "FILE", description = "The file that was stamped.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Mixin
        private final StampTrust stamps = new StampTrust();

        @Override
        public Integer call() {
            Set<X509Certificate> anchors = stamps.anchors();
            requireUsage(!anchors.isEmpty(), "--timestamp-chain must name whom to believe");
            try {
                Timestamp stamp = Timestamps.verify(file, anchors);
                print(stamp, this::print, OfTimestamp::json);
                return 0;
            } catch (VerificationException e) {
                print(
                        e,
                        failure -> out().println("The timestamp is NOT verified: "
                                + Printable.of(failure.reason() + ": " + failure.getMessage())),
                        failure -> Json.object()
                                .put("verified", false)
                                .put("reason", failure.reason().name())
                                .put("message", failure.getMessage()));
                return ModelOpsCli.FAILED;
            }
        }

        private void print(Timestamp stamp) {
            out().println("The timestamp is verified: the file was there at " + stamp.time() + ".");
            Table table = new Table();
            table.row("accuracy", stamp.accuracy().isZero() ? "not told" : "" + stamp.accuracy());
            table.row("authority", Printable.of(stamp.authority()));
            table.row("key", stamp.key().toString());
            table.print(out());
        }

        private static ObjectNode json(Timestamp stamp) {
            return Json.object()
                    .put("verified", true)
                    .put("time", stamp.time().toString())
                    .put("accuracy", stamp.accuracy().toString())
                    .put("authority", stamp.authority())
                    .put("key", stamp.key().toString());
        }
    }
}
