package dev.modelops.samples.cli;

import dev.modelops.audit.LogKey;
import dev.modelops.core.LogRecovery;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The ceremony after which a log goes on that lost entries or keys. */
@Command(
        name = "recover",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Lets a log go on that lost entries for good, or its keys: by the holders of its root keys.",
        footerHeading = "%nThe ceremony:%n",
        footer = {
            "  1 restore the best copy of the store there is, and stop all who write to it",
            "  2 'prepare', beside the store, with the newest checkpoint known of the loss",
            "  3 'sign', by each holder of a root key on a machine of their own: only the",
            "    statement goes there, and only a signature comes back",
            "  4 'complete', beside the store, with the same options and the signatures",
            "  5 pin the new key wherever the log is opened or verified"
        },
        subcommands = {RecoverCommand.Prepare.class, RecoverCommand.Sign.class, RecoverCommand.Complete.class})
final class RecoverCommand {
    private RecoverCommand() {}

    /** What was lost. */
    static final class Loss {
        @Option(
                names = "--lost",
                paramLabel = "FILE",
                description = "The newest checkpoint known of the lost entries, from a memory, a witness or a receipt.")
        private @Nullable Path lost;

        @Option(names = "--nothing-lost", description = "No entry is lost: the log only changes its keys.")
        private boolean nothing;
    }

    /** What both verbs beside the store have. */
    abstract static class Ceremony extends StoreVerb {
        @ArgGroup(multiplicity = "1")
        @SuppressWarnings("NullAway.Init")
        private Loss loss;

        @Option(
                names = "--log-signer",
                required = true,
                paramLabel = "FILE",
                description = "The Ed25519 key that signs checkpoints from now on, PKCS #8 in PEM.")
        @SuppressWarnings("NullAway.Init")
        private Path logSigner;

        @Option(
                names = "--writer",
                required = true,
                paramLabel = "FILE",
                description = "The Ed25519 key that seals entries from now on, PKCS #8 in PEM.")
        @SuppressWarnings("NullAway.Init")
        private Path writer;

        @Option(
                names = "--also-writer",
                paramLabel = "FILE",
                description = "The public key of a further writer, in PEM. May be repeated; a writer that is not named"
                        + " anew can no longer append.")
        private List<Path> writers = List.of();

        @Option(
                names = "--memory",
                paramLabel = "DIR|FILE",
                description =
                        "What the log is held against: the folder where checkpoints are remembered, or a file with"
                                + " one. Name it, if there is any.")
        private @Nullable Path memory;

        @Option(names = "--reason", required = true, paramLabel = "TEXT", description = "Why, in one line.")
        @SuppressWarnings("NullAway.Init")
        private String reason;

        final LogRecovery recovery(OpenStorage opened, LogKey key) {
            LogRecovery recovery = LogRecovery.of(
                            opened.storage(), key, SmallFiles.signer(logSigner), SmallFiles.signer(writer))
                    .reason(reason);
            Path lost = loss.lost;
            recovery = loss.nothing || lost == null
                    ? recovery.nothingLost()
                    : recovery.lost(SmallFiles.text("checkpoint", lost));
            for (Path further : writers) {
                recovery = recovery.writer(SmallFiles.publicKey(further));
            }
            return memory == null ? recovery : recovery.memory(SmallFiles.memory(memory));
        }

        static String statement(LogRecovery recovery) {
            try {
                return recovery.statement();
            } catch (IllegalArgumentException e) {
                throw new CliFailure(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(
            name = "prepare",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Verifies the log that is left, and writes what the holders of the root keys have to sign.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops log recover prepare --store /srv/restored --log-key models.vkey \\",
                "      --lost newest.checkpoint --log-signer new-log.pem \\",
                "      --writer new-writer.pem --memory /var/lib/memory \\",
                "      --reason 'disk lost on 2026-03-31' --out statement.txt",
                "",
                "Changes nothing. The statement holds for this store as it is now.",
                "",
                "JSON: {\"file\", \"statement\"}."
            })
    static final class Prepare extends Ceremony {
        @Option(names = "--out", required = true, paramLabel = "FILE", description = "The statement to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            StoreAddress store = address();
            LogKey key = logKey().of(store, this);
            try (OpenStorage opened = store.open()) {
                String statement = statement(recovery(opened, key));
                SmallFiles.writeNew(file, statement);
                print(
                        statement,
                        text -> out().println(
                                        "Wrote " + file + ". Have it signed, elsewhere, with 'modelops log recover"
                                                + " sign'. It says:\n\n" + Printable.lines(text)),
                        text -> Json.object().put("file", file.toString()).put("statement", text));
            }
            return 0;
        }
    }

    @Command(
            name = "sign",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Signs a statement with a root key. Needs no store: do it where the key is kept.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops log recover sign statement.txt --key root-1.pem --out root-1.sig",
                "",
                "Read the statement first: it names the log, where it goes on, what is lost, the",
                "new keys and the reason. Your signature lets the log go on without what is lost.",
                "",
                "JSON: {\"file\", \"signature\", \"statement\"}."
            })
    static final class Sign extends Verb {
        @Parameters(paramLabel = "STATEMENT", description = "The statement.")
        @SuppressWarnings("NullAway.Init")
        private Path statement;

        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description = "A root key of the log, Ed25519, PKCS #8 in PEM, in clear or encrypted.")
        @SuppressWarnings("NullAway.Init")
        private Path key;

        @Mixin
        private final Passwords passwords = new Passwords();

        @Option(names = "--out", required = true, paramLabel = "FILE", description = "The signature to be made.")
        @SuppressWarnings("NullAway.Init")
        private Path file;

        @Override
        public Integer call() {
            passwords.requireUsage(this);
            String text = SmallFiles.text("statement", statement);
            String signature;
            try {
                signature = LogRecovery.sign(text, SmallFiles.signer(key, passwords.find()));
            } catch (IllegalArgumentException e) {
                throw new CliFailure(statement + " cannot be signed: " + e.getMessage());
            }
            SmallFiles.writeNew(file, signature);
            print(
                    signature,
                    unused -> out().println("Signed, into " + file + ", this statement:\n\n" + Printable.lines(text)),
                    line -> Json.object()
                            .put("file", file.toString())
                            .put("signature", line.strip())
                            .put("statement", text));
            return 0;
        }
    }

    @Command(
            name = "complete",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Appends the statement with its signatures: from then on the log goes on under the new key.",
            footerHeading = "%nExample:%n",
            footer = {
                "  modelops log recover complete --store /srv/restored --log-key models.vkey \\",
                "      --lost newest.checkpoint --log-signer new-log.pem \\",
                "      --writer new-writer.pem --memory /var/lib/memory \\",
                "      --reason 'disk lost on 2026-03-31' --statement statement.txt \\",
                "      --signature root-1.sig --signature root-2.sig --key-out models-2.vkey",
                "",
                "Takes the options that 'prepare' was given. When it was cut off, do it again.",
                "",
                "JSON: {\"logKey\", \"origin\"}."
            })
    static final class Complete extends Ceremony {
        @Option(
                names = "--statement",
                required = true,
                paramLabel = "FILE",
                description = "The statement that was signed.")
        @SuppressWarnings("NullAway.Init")
        private Path statement;

        @Option(
                names = "--signature",
                required = true,
                paramLabel = "FILE",
                description = "What 'sign' made. May be repeated: a log says how many of its root keys must sign.")
        @SuppressWarnings("NullAway.Init")
        private List<Path> signatures;

        @Option(names = "--key-out", paramLabel = "FILE", description = "A file to be made for the new key of the log.")
        private @Nullable Path keyFile;

        @Override
        public Integer call() {
            StoreAddress store = address();
            LogKey key = logKey().of(store, this);
            try (OpenStorage opened = store.open()) {
                LogRecovery recovery = recovery(opened, key);
                if (!statement(recovery).equals(SmallFiles.text("statement", statement))) {
                    throw new CliFailure(
                            "the statement in " + statement + " is not what these options and this store say"
                                    + " now; give the options that it was prepared with, or prepare and sign another");
                }
                for (Path signature : signatures) {
                    recovery = recovery.signature(SmallFiles.text("signature", signature));
                }
                LogKey next = recover(recovery);
                if (keyFile != null) {
                    SmallFiles.writeNew(keyFile, next.text() + "\n");
                }
                print(
                        next,
                        made -> out().println("The log goes on as " + made.origin()
                                + ". Pin this key from now on, wherever the log is opened or verified, and have its"
                                + " witnesses add it:\n" + made.text()),
                        made -> Json.object().put("logKey", made.text()).put("origin", made.origin()));
            }
            return 0;
        }

        private static LogKey recover(LogRecovery recovery) {
            try {
                return recovery.recover();
            } catch (IllegalArgumentException e) {
                throw new CliFailure(e.getMessage() + "; nothing was changed");
            }
        }
    }
}
