package dev.modelops.samples.policies;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.Environment;
import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.audit.LogKey;
import dev.modelops.core.policy.ChangeCalendar;
import dev.modelops.core.policy.Policies;
import dev.modelops.core.signing.Signers;
import dev.modelops.core.storage.Storages;
import dev.modelops.policy.AccessRequest;
import dev.modelops.policy.FactProvider;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.storage.Storage;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.Duration;
import java.time.LocalDate;
import java.time.LocalTime;
import java.time.ZoneId;
import java.util.Map;
import java.util.Set;

/** The people of a bank, its log, and the systems that know what a log cannot. */
final class Bank {
    static final Principal ANNA = person("anna");
    static final Principal BERT = person("bert");
    static final Principal ADA = person("ada");
    static final Principal VERA = person("vera");
    static final Principal VICTOR = person("victor");
    static final Principal RITA = person("rita");
    static final Principal OSCAR = person("oscar");
    static final Principal AUDREY = person("audrey");

    private static final ZoneId PARIS = ZoneId.of("Europe/Paris");

    private Bank() {}

    static String releaseRules() throws IOException {
        try (InputStream file = Bank.class.getResourceAsStream("release.cedar")) {
            if (file == null) {
                throw new IOException("release.cedar is not on the class path");
            }
            return new String(file.readAllBytes(), StandardCharsets.UTF_8);
        }
    }

    /** Begins a log, under the built-in policies, and opens it with all that the bank's rules ask for. */
    static ModelOps open(Path folder) throws IOException {
        Signer log = Signers.generate(SignatureAlgorithm.ED25519);
        Signer publisher = Signers.generate(SignatureAlgorithm.ECDSA_P256);
        Genesis genesis = Genesis.of("bank.example/models", log, log)
                .publisher(publisher.publicKey())
                .environment(Environment.STAGING)
                .environment(PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new))
                .grant(ANNA, Role.ADMIN)
                .grant(BERT, Role.ADMIN)
                .grant(ADA, Role.DATA_SCIENTIST)
                .grant(VERA, Role.VALIDATOR)
                .grant(VICTOR, Role.VALIDATOR)
                .grant(RITA, Role.RELEASE_MANAGER)
                .grant(OSCAR, Role.RELEASE_MANAGER)
                .grant(OSCAR, Role.of("on-call"))
                .grant(AUDREY, Role.AUDITOR);
        Storage storage = Storages.directory(folder);
        LogKey key = ModelOps.create(storage, genesis);
        Files.writeString(folder.resolve("log.vkey"), key + "\n");
        LocalDate today = LocalDate.now(PARIS);
        ChangeCalendar calendar = ChangeCalendar.in(PARIS)
                .window(LocalTime.of(9, 0), LocalTime.of(16, 0), DayOfWeek.TUESDAY, DayOfWeek.THURSDAY)
                .freeze(today.minusDays(1), today.plusDays(7));
        return ModelOps.open(storage, key)
                .writer(log)
                .logSigner(log)
                .publisher(publisher)
                .facts(calendar)
                .facts(new Operations())
                .start();
    }

    /** What the incident tracker and the deployment platform know; here a ticket opened half an hour ago, in the EU. */
    private static final class Operations implements FactProvider {
        @Override
        public String name() {
            return "operations";
        }

        @Override
        public Set<String> provides() {
            return Set.of("incident.open", "incident.ticket", "incident.openedAt", "jurisdiction.region");
        }

        @Override
        public Map<String, Object> compute(AccessRequest request) {
            return Map.of(
                    "incident.open",
                    true,
                    "incident.ticket",
                    "INC-4711",
                    "incident.openedAt",
                    request.at().minus(Duration.ofMinutes(30)),
                    "jurisdiction.region",
                    "eu");
        }
    }

    private static Principal person(String id) {
        return Principal.of("https://id.bank.example", id);
    }
}
