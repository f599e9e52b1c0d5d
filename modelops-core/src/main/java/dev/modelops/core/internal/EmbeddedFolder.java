package dev.modelops.core.internal;

import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.Identity;
import dev.modelops.IntegrityException;
import dev.modelops.ModelOps;
import dev.modelops.NotFoundException;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.signing.KeyFiles;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import dev.modelops.storage.StorageException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.security.KeyPair;
import java.time.Clock;
import java.util.function.UnaryOperator;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A log in a folder with development keys beside it, for one machine and no secrets. */
final class EmbeddedFolder {
    private static final Logger LOG = LoggerFactory.getLogger(ModelOps.class);
    private static final String KEYS = "keys";
    private static final String LOG_KEY_FILE = "log.pem";
    private static final String PUBLISHER_KEY_FILE = "publisher.pem";
    private static final String PUBLISHER_PUBLIC_FILE = "publisher.pub";

    /** The file that holds the text of the key to pin. */
    static final String VKEY_FILE = "log.vkey";

    private EmbeddedFolder() {}

    static ModelOps open(Path folder, UnaryOperator<Opening> settings) {
        Path keys = folder.resolve(KEYS);
        try {
            Files.createDirectories(folder);
            if (Files.notExists(keys)) {
                if (Files.exists(folder.resolve("log.db"))) {
                    throw new NotFoundException("'" + folder + "' holds a log but not the keys it was created with;"
                            + " put '" + keys + "' back, or open the log with ModelOps.open and keys of your own");
                }
                makeKeys(folder, keys);
            }
        } catch (IOException e) {
            throw new StorageException(
                    "folder '" + folder + "' cannot be used as a store: " + e
                            + "; name a folder on a local disk that this user may write to",
                    e);
        }
        Signer logSigner = Signers.pem(keys.resolve(LOG_KEY_FILE));
        Signer publisher = Signers.pem(keys.resolve(PUBLISHER_KEY_FILE));
        Principal user = Principal.of("local", System.getProperty("user.name", "user"));
        String origin = "modelops.dev/embedded/"
                + Crypto.keyDigest(logSigner.publicKey()).toHex().substring(0, 16);
        Genesis genesis = Genesis.of(origin, logSigner, logSigner)
                .publisher(publisher.publicKey())
                .grant(user, Role.ADMIN)
                .environment(Environment.STAGING, Policies.GATE_SIGNATURE, Policies.GATE_STATUS, Policies.GATE_SERVABLE)
                .environment(Environment.PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new));
        Storage storage = Storages.directory(folder);
        boolean started = false;
        try {
            LogKey key = createOnce(storage, genesis, folder);
            LOG.warn(
                    "'{}' is a store for development: its keys lie in '{}' in clear, and whoever can read them can sign as"
                            + " this log; for anything that matters use ModelOps.create with keys kept elsewhere",
                    folder,
                    keys);
            Opening opening = ModelOps.open(storage, key)
                    .writer(logSigner)
                    .publisher(publisher)
                    .principals(() -> Identity.asserted(user));
            ModelOps ops = settings.apply(opening).start();
            started = true;
            return ops;
        } finally {
            if (!started) {
                storage.close();
            }
        }
    }

    private static LogKey createOnce(Storage storage, Genesis genesis, Path folder) {
        Path vkey = folder.resolve(VKEY_FILE);
        LogKey key;
        if (Files.exists(vkey) && storage.log().head().size() == 0) {
            throw new IntegrityException("'" + folder + "' held a log, of which '" + vkey + "' is left, but its entries"
                    + " are gone; restore them from a backup, or empty the folder to begin anew");
        }
        try {
            key = LogCreation.create(storage, genesis, Clock.systemUTC());
        } catch (VersionConflictException e) {
            key = LogCreation.logKey(genesis);
        }
        try {
            if (Files.notExists(vkey)) {
                Path making = Files.createTempFile(folder, "log-", ".tmp");
                writeWhole(making, key.text() + "\n");
                Files.move(making, vkey, StandardCopyOption.ATOMIC_MOVE);
            }
        } catch (IOException e) {
            throw new StorageException("'" + vkey + "' could not be written: " + e, e);
        }
        return key;
    }

    /** Makes the keys in a folder of their own and moves it into place whole; the first of two processes wins. */
    private static void makeKeys(Path folder, Path keys) throws IOException {
        Path making = Files.createTempDirectory(folder, "keys-");
        KeyPair log = Keys.generate(SignatureAlgorithm.ED25519);
        KeyPair publisher = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        KeyFiles.createSecret(making.resolve(LOG_KEY_FILE), Keys.privateKeyPem(log));
        KeyFiles.createSecret(making.resolve(PUBLISHER_KEY_FILE), Keys.privateKeyPem(publisher));
        writeWhole(making.resolve(PUBLISHER_PUBLIC_FILE), Keys.publicKeyPem(publisher.getPublic()));
        try {
            Files.move(making, keys, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileSystemException e) {
            if (Files.notExists(keys)) {
                throw e;
            }
            for (String name : new String[] {LOG_KEY_FILE, PUBLISHER_KEY_FILE, PUBLISHER_PUBLIC_FILE}) {
                Files.delete(making.resolve(name));
            }
            Files.delete(making);
        }
    }

    private static void writeWhole(Path file, String text) throws IOException {
        Files.writeString(file, text);
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.WRITE)) {
            channel.force(true);
        }
    }
}
