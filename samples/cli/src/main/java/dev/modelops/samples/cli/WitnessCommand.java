package dev.modelops.samples.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.core.WitnessServer;
import dev.modelops.core.Witnesses;
import dev.modelops.signing.Signer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** The verbs of who watches logs of others. */
@Command(
        name = "witness",
        mixinStandardHelpOptions = true,
        versionProvider = CliVersion.class,
        description = "Is a witness of logs: cosigns checkpoints that continue what it has seen.",
        subcommands = {WitnessCommand.Serve.class, WitnessCommand.Key.class})
final class WitnessCommand {
    private WitnessCommand() {}

    /** What every verb of a witness has. */
    abstract static class WitnessVerb extends Verb {
        @Option(
                names = "--key",
                required = true,
                paramLabel = "FILE",
                description =
                        "The witness's own Ed25519 or ML-DSA-44 key, PKCS #8 in PEM; used for nothing else. May be"
                                + " repeated: each key cosigns.")
        @SuppressWarnings("NullAway.Init")
        private List<Path> keys;

        @Option(
                names = "--name",
                required = true,
                paramLabel = "NAME",
                description = "The name it signs with: like a URL without its scheme.")
        @SuppressWarnings("NullAway.Init")
        private String name;

        @Mixin
        private final Passwords passwords = new Passwords();

        final Witness witness(Path folder, List<LogKey> logs) {
            passwords.requireUsage(this);
            char[] password = passwords.find();
            List<Signer> signers =
                    keys.stream().map(key -> SmallFiles.signer(key, password)).toList();
            try {
                return Witnesses.folder(name, signers, folder, logs, Clock.systemUTC());
            } catch (IllegalArgumentException e) {
                throw new CliFailure(String.valueOf(e.getMessage()));
            }
        }
    }

    @Command(
            name = "serve",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Answers over HTTP (C2SP tlog-witness) until it is stopped.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  modelops witness serve --key witness.pem --name witness.example.org \\",
                "      --folder /var/lib/witness --log models.vkey",
                "",
                "Run it where those who run the logs cannot reach key and folder, put a proxy",
                "with TLS before it, and never restore the folder from a backup. A log that was",
                "recovered is another log: add its new key with a further --log.",
                "",
                "JSON: {\"listening\": the address, \"key\", \"keys\": [all], \"logs\": [origins]}, once",
                "it listens."
            })
    static final class Serve extends WitnessVerb {
        private static final int HIGHEST_PORT = 65_535;

        @Option(
                names = "--folder",
                required = true,
                paramLabel = "DIR",
                description = "Where it keeps what it has cosigned; made at the first use.")
        @SuppressWarnings("NullAway.Init")
        private Path folder;

        @Option(
                names = "--log",
                required = true,
                paramLabel = "FILE|TEXT",
                description = "The key of a log to watch: the text itself, or a file that holds it. May be repeated.")
        @SuppressWarnings("NullAway.Init")
        private List<LogKey> logs;

        @Option(
                names = "--bind",
                paramLabel = "ADDRESS",
                defaultValue = "127.0.0.1",
                description = "The address to listen at; ${DEFAULT-VALUE} by default.")
        @SuppressWarnings("NullAway.Init")
        private InetAddress address;

        @Option(
                names = "--port",
                paramLabel = "N",
                defaultValue = "7380",
                description = "The port to listen at, 0 for any that is free; ${DEFAULT-VALUE} by default.")
        private int port;

        @Override
        public Integer call() {
            requireUsage(port >= 0 && port <= HIGHEST_PORT, "--port must be from 0 to 65535, but was " + port);
            Witness witness = witness(folder, logs);
            try (WitnessServer server = Witnesses.serve(witness, new InetSocketAddress(address, port))) {
                String at = server.address().getAddress().getHostAddress() + ":"
                        + server.address().getPort();
                print(witness, unused -> print(at, witness), unused -> json(at, witness));
                out().flush();
                new CountDownLatch(1).await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            return 0;
        }

        private void print(String at, Witness witness) {
            Table table = new Table();
            table.row("listening", at);
            witness.keys().forEach(key -> table.row("key", key));
            logs.forEach(log -> table.row("log", log.origin()));
            table.print(out());
        }

        private ObjectNode json(String at, Witness witness) {
            ObjectNode json = Json.object();
            json.put("listening", at).put("key", witness.keys().get(0));
            witness.keys().forEach(key -> json.withArray("keys").add(key));
            logs.forEach(log -> json.withArray("logs").add(log.origin()));
            return json;
        }
    }

    @Command(
            name = "key",
            mixinStandardHelpOptions = true,
            versionProvider = CliVersion.class,
            description = "Shows the key that verifies what a witness cosigns, for those who rely on it.",
            footerHeading = "%nExamples:%n",
            footer = {
                "  openssl genpkey -algorithm ed25519 -out witness.pem",
                "  modelops witness key --key witness.pem --name witness.example.org",
                "",
                "JSON: {\"key\": the first, \"keys\": [all]}"
            })
    static final class Key extends WitnessVerb {
        @Override
        public Integer call() {
            List<String> texts = witness(Path.of("unused"), List.of()).keys();
            print(texts, keys -> keys.forEach(out()::println), keys -> {
                ObjectNode json = Json.object().put("key", keys.get(0));
                keys.forEach(key -> json.withArray("keys").add(key));
                return json;
            });
            return 0;
        }
    }
}
