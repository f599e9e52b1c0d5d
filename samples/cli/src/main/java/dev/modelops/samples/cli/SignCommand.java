package dev.modelops.samples.cli;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.Progress;
import dev.modelops.core.signing.ModelSignatures;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.signing.SigningOptions;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import java.nio.file.Path;
import java.security.PublicKey;
import java.security.cert.X509Certificate;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The verbs that sign models. */
@Command(
        name = "sign",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Signs models by OpenSSF Model Signing v1.0.",
        subcommands = {SignCommand.WithKey.class, SignCommand.WithCertificate.class},
        footerHeading = "%n",
        footer = {
            "Signing keyless needs the network and somebody who logs in: sign with a Sigstore",
            "client such as model_signing, and verify here, offline, with 'verify keyless'."
        })
final class SignCommand {
    private SignCommand() {}

    /** What every way to sign has. */
    abstract static class SignVerb extends Verb {
        @Mixin
        private final ModelFiles files = new ModelFiles();

        @Mixin
        private final Hashing hashing = new Hashing();

        @Mixin
        private final SigningKey key = new SigningKey();

        @Mixin
        private final Stamping stamping = new Stamping();

        @Option(
                names = "--signature",
                paramLabel = "FILE",
                defaultValue = "model.sig",
                description =
                        "Where to write the signature; ${DEFAULT-VALUE} in the current folder by default. An older"
                                + " signature there is replaced, nothing else is.")
        @SuppressWarnings("NullAway.Init")
        private Path signature;

        abstract Signer signer(Signer opened);

        @Override
        public Integer call() {
            SigningOptions options = hashing.options(this, files, stamping.authorities(this));
            Signer signer = signer(key.open(this));
            Digest root = ModelSignatures.sign(files.model(), signature, signer, options, Progress.NONE);
            String method = signer.certificateChain().isEmpty() ? "key" : "certificate";
            print(
                    root,
                    unused -> {
                        Table table = new Table();
                        table.row("root", root.toString());
                        table.row("signature", signature.toString());
                        table.row("method", method);
                        table.row("key", signer.toString());
                        table.print(out());
                    },
                    unused -> Json.object()
                            .put("root", root.toString())
                            .put("signature", signature.toString())
                            .put("method", method)
                            .put("key", signer.toString()));
            return 0;
        }
    }

    @Command(
            name = "key",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Signs a model with a key that its verifiers know.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops sign key model/ --private-key release.pem --signature model.sig",
                "  modelops sign key model/ --pkcs11 token.cfg --alias release --password-env PIN",
                "",
                "JSON: {\"root\", \"signature\", \"method\", \"key\"}."
            })
    static final class WithKey extends SignVerb {
        @Override
        Signer signer(Signer opened) {
            return opened.certificateChain().isEmpty() ? opened : new Uncertified(opened);
        }
    }

    @Command(
            name = "certificate",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Signs a model with a key that certificates vouch for.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops sign certificate model/ --private-key release.pem \\",
                "      --signing-certificate release.crt --certificate-chain issuer.crt",
                "  modelops sign certificate model/ --key-store release.p12 \\",
                "      --timestamp-url https://timestamp.example.org/tsr",
                "",
                "JSON: {\"root\", \"signature\", \"method\", \"key\"}."
            })
    static final class WithCertificate extends SignVerb {
        @Option(
                names = "--signing-certificate",
                paramLabel = "FILE",
                description = "The certificate of the key, in PEM; by default that of the key store or token.")
        private @Nullable Path own;

        @Option(
                names = "--certificate-chain",
                paramLabel = "FILE",
                description = "The certificates that lead from it to an anchor of the verifiers, in PEM. May be"
                        + " repeated.")
        private List<Path> chain = List.of();

        @Override
        Signer signer(Signer opened) {
            List<X509Certificate> certificates = new ArrayList<>();
            if (own != null) {
                certificates.addAll(SmallFiles.certificates(own));
            } else {
                requireUsage(
                        !opened.certificateChain().isEmpty(),
                        "the key comes without a certificate; name --signing-certificate");
                certificates.addAll(opened.certificateChain());
            }
            chain.forEach(file -> certificates.addAll(SmallFiles.certificates(file)));
            return Signers.certified(opened, certificates);
        }
    }

    private record Uncertified(Signer signer) implements Signer {
        @Override
        public SignatureAlgorithm algorithm() {
            return signer.algorithm();
        }

        @Override
        public PublicKey publicKey() {
            return signer.publicKey();
        }

        @Override
        public Bytes sign(Bytes message) {
            return signer.sign(message);
        }

        @Override
        public String toString() {
            return signer.toString();
        }
    }
}
