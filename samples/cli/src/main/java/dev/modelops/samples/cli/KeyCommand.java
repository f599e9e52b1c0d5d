package dev.modelops.samples.cli;

import dev.modelops.core.signing.Keys;
import dev.modelops.signing.SignatureAlgorithm;
import java.nio.file.Path;
import java.security.KeyPair;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The verbs about keys. */
@Command(
        name = "key",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Makes keys.",
        subcommands = KeyCommand.Generate.class)
final class KeyCommand {
    private KeyCommand() {}

    @Command(
            name = "generate",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Makes a key pair in two new files. Nothing is overwritten.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops key generate --private-key release.pem --password",
                "  modelops key generate --private-key witness.pem --algorithm ed25519",
                "",
                "Without a password the private key is written in clear; only its owner may",
                "read the file either way, where the file system has modes.",
                "",
                "JSON: {\"algorithm\", \"privateKey\", \"publicKey\", \"encrypted\"}."
            })
    static final class Generate extends Verb {
        private static final String PEM = ".pem";

        @Option(
                names = "--private-key",
                required = true,
                paramLabel = "FILE",
                description = "Where to write the private key: PKCS #8 in PEM.")
        @SuppressWarnings("NullAway.Init")
        private Path privateFile;

        @Option(
                names = "--public-key",
                paramLabel = "FILE",
                description = "Where to write the public key; by default beside the other, ending in .pub.")
        private @Nullable Path publicFile;

        @Option(
                names = "--algorithm",
                paramLabel = "NAME",
                defaultValue = "ecdsa-p256",
                description =
                        "ecdsa-p256, which is the default, ecdsa-p384 or ecdsa-p521 for signing models; ed25519 for"
                                + " logs, writers and witnesses; ml-dsa-44 for cosigning beside it; ml-dsa-65 for evidence.")
        private SignatureAlgorithm algorithm = SignatureAlgorithm.ECDSA_P256;

        @Mixin
        private final Passwords passwords = new Passwords();

        @Override
        public Integer call() {
            passwords.requireUsage(this);
            Path other = publicFile == null ? beside(privateFile) : publicFile;
            char[] password = passwords.findNew();
            KeyPair pair = Keys.generate(algorithm);
            if (password == null) {
                Keys.store(pair, privateFile, other);
            } else {
                Keys.store(pair, password, privateFile, other);
            }
            print(
                    pair,
                    unused -> {
                        Table table = new Table();
                        table.row("algorithm", ModelOpsCli.optionOf(algorithm));
                        table.row("private key", privateFile + (password == null ? ", in clear" : ", encrypted"));
                        table.row("public key", other.toString());
                        table.print(out());
                    },
                    unused -> Json.object()
                            .put("algorithm", ModelOpsCli.optionOf(algorithm))
                            .put("privateKey", privateFile.toString())
                            .put("publicKey", other.toString())
                            .put("encrypted", password != null));
            return 0;
        }

        private static Path beside(Path file) {
            String name = String.valueOf(file.getFileName());
            String stem = name.endsWith(PEM) ? name.substring(0, name.length() - PEM.length()) : name;
            return file.resolveSibling(stem + ".pub");
        }
    }
}
