package dev.modelops.samples.cli;

import dev.modelops.ModelOps;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.audit.LogKey;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** Who acts in a log, and the keys to write it with. */
final class Acting {
    @Option(
            names = "--writer",
            required = true,
            paramLabel = "FILE",
            description = "A writer key of the log, PKCS #8 in PEM; keys/log.pem in a store for development.")
    @SuppressWarnings("NullAway.Init")
    private Path writer;

    @Option(
            names = "--log-signer",
            paramLabel = "FILE",
            description = "The key that signs its checkpoints, PKCS #8 in PEM; keys/log.pem in a store for"
                    + " development. Without it the entry is under a"
                    + " checkpoint once a process that holds that key has the log open.")
    private @Nullable Path logSigner;

    @Option(
            names = "--memory",
            paramLabel = "DIR",
            description = "The folder where checkpoints of the log are remembered, as its hosts keep one.")
    private @Nullable Path memory;

    @Option(
            names = "--as",
            required = true,
            paramLabel = "ISSUER|ID",
            description = "Who acts: policy decides on the roles of this person or service. Recorded as asserted:"
                    + " nothing here proves who it is, so keep the writer key from those who should not act for"
                    + " others.")
    @SuppressWarnings("NullAway.Init")
    private Principal who;

    Principal who() {
        return who;
    }

    ModelOps start(OpenStorage opened, LogKey key) {
        Opening opening = ModelOps.open(opened.storage(), key).writer(SmallFiles.signer(writer));
        if (logSigner != null) {
            opening = opening.logSigner(SmallFiles.signer(logSigner));
        }
        if (memory != null) {
            opening = opening.memory(SmallFiles.memory(memory));
        }
        try {
            return opening.start();
        } catch (IllegalArgumentException e) {
            // Keys that are not those of the log are no mistake in the library.
            throw new CliFailure(String.valueOf(e.getMessage()));
        }
    }
}
