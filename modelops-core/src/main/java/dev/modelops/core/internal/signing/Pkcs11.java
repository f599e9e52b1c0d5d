package dev.modelops.core.internal.signing;

import dev.modelops.signing.SigningException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.InvalidParameterException;
import java.security.KeyStore;
import java.security.Provider;
import java.security.ProviderException;
import java.security.Security;
import java.security.UnrecoverableKeyException;
import javax.security.auth.login.LoginException;
import org.jspecify.annotations.Nullable;

/** Opens tokens that speak PKCS #11 through the provider that comes with the Java runtime. */
public final class Pkcs11 {
    private static final String PROVIDER = "SunPKCS11";

    private Pkcs11() {}

    /** Returns a provider for the token that a configuration names; it is not registered. */
    public static Provider provider(Path configuration) {
        if (!Files.isRegularFile(configuration)) {
            throw new SigningException("configuration of the PKCS#11 token must be a file, but there is none at "
                    + configuration + "; write one with the lines name, library and slot or slotListIndex");
        }
        Provider prototype = Security.getProvider(PROVIDER);
        if (prototype == null) {
            throw new SigningException("this Java runtime has no provider " + PROVIDER
                    + ", which PKCS#11 tokens are used through; add its module jdk.crypto.cryptoki");
        }
        try {
            return prototype.configure(configuration.toAbsolutePath().toString());
        } catch (InvalidParameterException e) {
            // The cause is left out: it quotes what it could not read.
            throw new SigningException("configuration of the PKCS#11 token must be in the form of " + PROVIDER
                    + ", but " + configuration + " is not; write the lines name, library and slot or slotListIndex");
        } catch (RuntimeException e) {
            throw new SigningException(
                    "PKCS#11 token of " + configuration + " could not be used: " + innermost(e)
                            + "; check library and slot in that file",
                    e);
        }
    }

    /** Logs in and returns the keys of a token. */
    public static KeyStore keys(Provider provider, Path configuration, char[] pin) {
        if (provider.getService("KeyStore", "PKCS11") == null) {
            throw new SigningException("PKCS#11 token must be in its slot, but there is none in that of "
                    + configuration + "; check slot or slotListIndex in that file");
        }
        try {
            KeyStore keys = KeyStore.getInstance("PKCS11", provider);
            keys.load(null, pin);
            return keys;
        } catch (IOException e) {
            if (causedBy(e, LoginException.class) || causedBy(e, UnrecoverableKeyException.class)) {
                throw new SigningException(
                        "PKCS#11 token of " + configuration + " did not let this process in: " + innermost(e)
                                + "; check the PIN, as a token locks after a few wrong ones",
                        e);
            }
            throw unreadable(configuration, e);
        } catch (GeneralSecurityException | ProviderException e) {
            throw unreadable(configuration, e);
        }
    }

    private static SigningException unreadable(Path configuration, Exception e) {
        return new SigningException(
                "keys of the PKCS#11 token of " + configuration + " could not be listed: " + innermost(e), e);
    }

    private static boolean causedBy(Throwable failure, Class<?> type) {
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (type.isInstance(cause)) {
                return true;
            }
        }
        return false;
    }

    private static String innermost(Throwable failure) {
        Throwable innermost = failure;
        for (@Nullable Throwable cause = failure; cause != null; cause = cause.getCause()) {
            innermost = cause;
        }
        return String.valueOf(innermost.getMessage());
    }
}
