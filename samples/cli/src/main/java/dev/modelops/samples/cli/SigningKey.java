package dev.modelops.samples.cli;

import dev.modelops.core.signing.Signers;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The key to sign with, wherever it is kept. */
final class SigningKey {
    @ArgGroup(multiplicity = "1")
    @SuppressWarnings("NullAway.Init")
    private Place place;

    @Option(names = "--alias", paramLabel = "NAME", description = "Which key of the key store or token.")
    private @Nullable String alias;

    @Mixin
    private final Passwords passwords = new Passwords();

    static final class Place {
        @Option(
                names = "--private-key",
                paramLabel = "FILE",
                description = "An EC key in PEM: PKCS #8 or SEC 1, in clear or encrypted.")
        private @Nullable Path pem;

        @Option(names = "--key-store", paramLabel = "FILE", description = "A PKCS #12 key store that holds it.")
        private @Nullable Path keyStore;

        @Option(
                names = "--pkcs11",
                paramLabel = "FILE",
                description = "A PKCS #11 token that holds it: a file with the lines name, library and slot or"
                        + " slotListIndex, in the form of the Java runtime.")
        private @Nullable Path token;
    }

    Signer open(Verb verb) {
        passwords.requireUsage(verb);
        verb.requireUsage(alias == null || place.pem == null, "--alias goes with --key-store or --pkcs11");
        verb.requireUsage(alias != null || place.token == null, "--pkcs11 needs the --alias of a key");
        try {
            if (place.pem != null) {
                return SmallFiles.signer(place.pem, passwords.find());
            }
            if (place.keyStore != null) {
                return alias == null
                        ? Signers.pkcs12(place.keyStore, passwords.get())
                        : Signers.pkcs12(place.keyStore, passwords.get(), alias);
            }
            if (place.token != null && alias != null) {
                return Signers.pkcs11(place.token, passwords.get(), alias);
            }
            throw new IllegalStateException("one place is always named");
        } catch (SigningException e) {
            throw new CliFailure("the key cannot be used: " + e.getMessage());
        }
    }
}
