package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.modelops.core.signing.Keys;
import dev.modelops.signing.SignatureAlgorithm;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.KeyPair;
import java.security.KeyStore;
import java.security.cert.Certificate;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.BasicConstraints;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.X509v2CRLBuilder;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SignAndVerifyTest {
    private static final String IDENTITY = "stefanb@us.ibm.com";
    private static final String PROVIDER = "https://sigstore.verify.ibm.com/oauth2";

    @TempDir
    Path dir;

    private Path model;
    private KeyPair keys;
    private KeyPair rootKeys;
    private KeyPair middleKeys;

    @BeforeEach
    void writeModelAndKeys() throws IOException {
        model = Files.createDirectories(dir.resolve("model"));
        Files.writeString(model.resolve("weights.bin"), "weights");
        Files.createDirectories(model.resolve("sub"));
        Files.writeString(model.resolve("sub/notes.md"), "notes");
        keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        Keys.store(keys, dir.resolve("key.pem"), dir.resolve("key.pub"));
        rootKeys = Keys.generate(SignatureAlgorithm.ECDSA_P384);
        middleKeys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
    }

    /** Runs a command line in which {@code @} stands for the folder of this test. */
    private Run run(String line) {
        return Run.of(
                new SampleStore(),
                Arrays.stream(line.split(" "))
                        .map(word -> word.startsWith("@")
                                ? dir.resolve(word.substring(1)).toString()
                                : word)
                        .toArray(String[]::new));
    }

    private Run done(String line) {
        Run run = run(line);
        assertThat(run.exitCode()).as(run.toString()).isZero();
        return run;
    }

    private Run failed(String line, String message) {
        Run run = run(line);
        assertThat(run.exitCode()).as(run.toString()).isEqualTo(1);
        assertThat(run.out() + run.err()).contains(message).doesNotContain("unexpectedly", "Exception");
        return run;
    }

    @Test
    void whatIsSignedWithAKeyVerifiesWithIt() {
        Run signed = done("sign key @model --private-key @key.pem --signature @model.sig");
        Run verified = done("verify key @model --signature @model.sig --public-key @key.pub");
        JsonNode json = done("verify key @model --signature @model.sig --public-key @key.pub --json")
                .json();

        assertThat(signed.err()).isEmpty();
        assertThat(signed.out()).contains("method     key\n", "root       sha256:");
        assertThat(verified.out()).startsWith("The model is verified: 2 resources are as signed.\nroot  sha256:");
        assertThat(json.get("verified").asBoolean()).isTrue();
        assertThat(json.get("resources").asInt()).isEqualTo(2);
        assertThat(json.get("notes")).isEmpty();
        assertThat(signed.out())
                .contains(json.get("root").asText(), json.get("key").asText());
        assertThat(done("sign key @model --private-key @key.pem --signature @model.sig --json")
                        .json()
                        .get("root"))
                .isEqualTo(json.get("root"));
        assertThat(done("digest @model").out().strip())
                .isEqualTo(json.get("root").asText());
    }

    @Test
    void aModelThatWasChangedIsNotVerifiedAndTheReasonIsTold() throws IOException {
        done("sign key @model --private-key @key.pem --signature @model.sig");
        Files.writeString(model.resolve("weights.bin"), "tampered");

        failed(
                "verify key @model --signature @model.sig --public-key @key.pub",
                "The model is NOT verified: CONTENT_MISMATCH: ");
        JsonNode json = failed("verify key @model --signature @model.sig --public-key @key.pub --json", "weights.bin")
                .json();
        assertThat(json.get("verified").asBoolean()).isFalse();
        assertThat(json.get("reason").asText()).isEqualTo("CONTENT_MISMATCH");

        Files.delete(model.resolve("weights.bin"));
        failed("verify key @model --signature @model.sig --public-key @key.pub", "MISSING_FILE");
        Files.writeString(model.resolve("weights.bin"), "weights");
        Files.writeString(model.resolve("new\u202e.bin"), "x");
        Run added = failed("verify key @model --signature @model.sig --public-key @key.pub", "UNSIGNED_FILE");
        assertThat(added.out()).contains("\\u202e").doesNotContain("\u202e");
        done("verify key @model --signature @model.sig --public-key @key.pub --ignore-unsigned-files");
    }

    @Test
    void anotherKeyDoesNotVerify() {
        done("sign key @model --private-key @key.pem --signature @model.sig");
        done("key generate --private-key @other.pem");

        failed("verify key @model --signature @model.sig --public-key @other.pub", "UNTRUSTED_KEY");
    }

    @Test
    void optionsOfHashingAreTakenAndReadBack() throws IOException {
        Files.writeString(model.resolve("left-out"), "1");
        done("sign key @model --private-key @key.pem --signature @model.sig --hash-algorithm blake3 --shard-size 4"
                + " --ignore-paths @model/left-out --ignore-paths @model/sub");
        Files.writeString(model.resolve("left-out"), "2");

        assertThat(done("verify key @model --signature @model.sig --public-key @key.pub")
                        .out())
                .contains("2 resources are", "root  sha256:");
        JsonNode claims = done("inspect @model.sig --json").json();
        assertThat(claims.get("hash").asText()).isEqualTo("blake3");
        assertThat(claims.get("shardSize").asLong()).isEqualTo(4);
        assertThat(claims.get("ignorePaths").toString()).contains("\"left-out\"", "\"sub\"");
        assertThat(claims.at("/resources/0/name").asText()).isEqualTo("weights.bin:0:4");
    }

    @Test
    void gitsOwnFilesAreLeftOutUnlessTheyAreWanted() throws IOException {
        String without = done("digest @model").out();
        Files.writeString(model.resolve(".gitignore"), "x");

        assertThat(done("digest @model").out()).isEqualTo(without);
        assertThat(done("digest @model --ignore-git-paths").out()).isEqualTo(without);
        assertThat(done("digest @model --no-ignore-git-paths").out()).isNotEqualTo(without);
        assertThat(done("digest @model --no-ignore-git-paths --ignore-paths @model/.gitignore")
                        .out())
                .isEqualTo(without);
    }

    @Test
    void aPathToIgnoreThatIsNotInTheModelIsToldOf() {
        Run run = done("digest @model --ignore-paths @elsewhere");

        assertThat(run.err()).contains("elsewhere is not in the model", "has no effect");
        assertThat(run.out()).isEqualTo(done("digest @model").out());
    }

    @Test
    void linksAreFollowedOnlyIfAskedFor() throws IOException {
        Files.createSymbolicLink(model.resolve("link"), Path.of("weights.bin"));

        failed("sign key @model --private-key @key.pem --signature @model.sig", "link");
        done("sign key @model --private-key @key.pem --signature @model.sig --allow-symlinks");
        failed("verify key @model --signature @model.sig --public-key @key.pub", "link");
        assertThat(done("verify key @model --signature @model.sig --public-key @key.pub --allow-symlinks")
                        .out())
                .contains("note  SYMLINKS_ALLOWED");
    }

    @Test
    void certificatesVouchForASigner() throws Exception {
        writeCertificates();

        done("sign certificate @model --private-key @key.pem --signature @model.sig --signing-certificate @leaf.crt"
                + " --certificate-chain @middle.crt");

        assertThat(done("verify certificate @model --signature @model.sig --certificate-chain @root.crt")
                        .out())
                .startsWith("The model is verified");
        done(
                "verify certificate @model --signature @model.sig --certificate-chain @other.crt --certificate-chain @root.crt");
        failed(
                "verify certificate @model --signature @model.sig --certificate-chain @other.crt",
                "UNTRUSTED_CERTIFICATE");
        failed("verify key @model --signature @model.sig --public-key @key.pub", "NOT verified");
        JsonNode claims = done("inspect @model.sig --json").json();
        assertThat(claims.get("method").asText()).isEqualTo("certificate");
        assertThat(claims.get("certificates")).hasSize(2);
        assertThat(claims.at("/certificates/0/subject").asText()).isEqualTo("CN=leaf");
        failed(
                "sign certificate @model --private-key @key.pem --signature @x.sig --signing-certificate @root.crt",
                "first certificate");
        assertThat(dir.resolve("x.sig")).doesNotExist();
    }

    @Test
    void certificatesThatWereTakenBackAreRefused() throws Exception {
        List<X509Certificate> chain = writeCertificates();
        done("sign certificate @model --private-key @key.pem --signature @model.sig --signing-certificate @leaf.crt"
                + " --certificate-chain @middle.crt");
        String verify = "verify certificate @model --signature @model.sig --certificate-chain @root.crt";

        writeList("root.crl", "root", rootKeys);
        writeList("none.crl", "middle", middleKeys);
        done(verify + " --crl @root.crl --crl @none.crl");
        failed(verify + " --crl @root.crl", "must be covered by a revocation list of its issuer 'CN=middle'");
        writeList("leaf.crl", "middle", middleKeys, chain.get(0));
        failed(
                verify + " --crl @root.crl --crl @leaf.crl",
                "UNTRUSTED_CERTIFICATE: certificate of the model signature");
        failed(verify + " --crl @root.crl --crl @leaf.crl", "must not be revoked, but 'CN=leaf' was at");
        failed(verify + " --crl @key.pem", "cannot be used: ");
        failed(verify + " --crl @missing", "does not exist");
    }

    private void writeList(String name, String issuer, KeyPair issuerKeys, X509Certificate... revoked)
            throws Exception {
        Instant now = Instant.now();
        var builder = new X509v2CRLBuilder(new X500Name("CN=" + issuer), Date.from(now.minusSeconds(60)));
        builder.setNextUpdate(Date.from(now.plusSeconds(3600)));
        for (X509Certificate certificate : revoked) {
            builder.addCRLEntry(certificate.getSerialNumber(), Date.from(now.minusSeconds(120)), 0);
        }
        Files.write(
                dir.resolve(name),
                builder.build(new JcaContentSignerBuilder("SHA384withECDSA").build(issuerKeys.getPrivate()))
                        .getEncoded());
    }

    @Test
    void keyStoresSignByEitherMethod() throws Exception {
        List<X509Certificate> chain = writeCertificates();
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        store.setKeyEntry("release", keys.getPrivate(), "marked-1".toCharArray(), chain.toArray(Certificate[]::new));
        try (OutputStream out = Files.newOutputStream(dir.resolve("keys.p12"))) {
            store.store(out, "marked-1".toCharArray());
        }
        Files.writeString(dir.resolve("secret"), "marked-1\nsecond line\n");

        done("sign certificate @model --key-store @keys.p12 --password-file @secret --signature @model.sig");
        done("verify certificate @model --signature @model.sig --certificate-chain @root.crt");
        done("sign key @model --key-store @keys.p12 --alias release --password marked-1 --signature @model.sig");
        done("verify key @model --signature @model.sig --public-key @key.pub");
        failed("sign key @model --key-store @keys.p12 --alias nobody --password marked-1 --signature @x", "release");
        failed("sign key @model --key-store @keys.p12 --password marked-2 --signature @x", "check the password");
        failed("sign key @model --key-store @key.pem --password marked-1 --signature @x", "PKCS#12");
    }

    @Test
    void passwordsComeFromAFileAVariableOrTheTerminal() throws IOException {
        Files.writeString(dir.resolve("secret"), "marked-3\n");
        done("key generate --private-key @locked.pem --password-file @secret");
        assertThat(Files.readString(dir.resolve("locked.pem"))).startsWith("-----BEGIN ENCRYPTED PRIVATE KEY-----");

        done("sign key @model --private-key @locked.pem --password-file @secret --signature @model.sig");
        done("sign key @model --private_key @locked.pem --password=marked-3 --signature @model.sig");
        done("verify key @model --signature @model.sig --public-key @locked.pub");
        failed("sign key @model --private-key @locked.pem --signature @x", "encrypted; give its password");
        failed("sign key @model --private-key @locked.pem --password-env NO_SUCH_VARIABLE --signature @x", "not set");
        failed("sign key @model --private-key @locked.pem --password-file @none --signature @x", "does not exist");
        failed(
                "sign key @model --private-key @locked.pem --password-file @model --signature @x",
                "must be a file, but is a folder");
        Files.writeString(dir.resolve("empty"), "\n");
        failed("sign key @model --private-key @locked.pem --password-file @empty --signature @x", "is empty");
        failed("sign key @model --private-key @locked.pem --signature @x --password", "--password-file");
        Files.writeString(dir.resolve("wrong"), "marked-4");
        failed("sign key @model --private-key @locked.pem --password-file @wrong --signature @x", "check the password");
        assertThat(dir.resolve("x")).doesNotExist();
    }

    @Test
    void keysAreMadeForTheirOwnerAndOverNothing() throws IOException {
        Run made = done("key generate --private-key @new.pem --json");

        assertThat(made.json().get("encrypted").asBoolean()).isFalse();
        assertThat(Files.getPosixFilePermissions(dir.resolve("new.pem")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(dir.resolve("new.pub")).exists();
        failed("key generate --private-key @new.pem", "never overwritten");
        failed("key generate --private-key @fresh --public-key @new.pub", "never overwritten");
        failed("key generate --private-key @none/key", "folder");
        assertThat(dir.resolve("fresh")).doesNotExist();
        for (String algorithm : List.of("ecdsa-p384", "ecdsa-p521", "ed25519")) {
            assertThat(done("key generate --algorithm " + algorithm + " --private-key @" + algorithm)
                            .out())
                    .contains(algorithm, "in clear");
        }
        done("sign key @model --private-key @ecdsa-p521 --signature @model.sig");
        failed("sign key @model --private-key @ed25519 --signature @x", "Ed25519");
    }

    @Test
    void keylessSignaturesVerifyUnderTheGivenRoot() throws IOException {
        Path logged = Files.createDirectory(dir.resolve("logged"));
        Files.writeString(logged.resolve("signme-1"), "signme-1");
        Files.writeString(logged.resolve("signme-2"), "signme-2");
        for (String name : List.of("model.sig", "trusted_root.json")) {
            try (InputStream in = SignAndVerifyTest.class.getResourceAsStream("/keyless/" + name)) {
                Files.write(dir.resolve(name), in.readAllBytes());
            }
        }
        String line = "@logged --signature @model.sig --trusted-root @trusted_root.json";

        done("verify keyless " + line + " --identity " + IDENTITY + " --identity-provider " + PROVIDER);
        done("verify sigstore " + line + " --identity " + IDENTITY + " --identity_provider " + PROVIDER);
        failed(
                "verify keyless " + line + " --identity ada@example.org --identity-provider " + PROVIDER,
                "UNTRUSTED_CERTIFICATE");
        failed(
                "verify keyless @logged --signature @model.sig --trusted-root @key.pub --identity a --identity-provider b",
                "trusted_root.json");
        Files.writeString(logged.resolve("signme-2"), "signme-3");
        failed(
                "verify keyless " + line + " --identity " + IDENTITY + " --identity-provider " + PROVIDER,
                "CONTENT_MISMATCH");
        assertThat(done("inspect @model.sig").out())
                .startsWith("What follows is claimed by the file and was not verified.\nmethod       sigstore\n");
    }

    @ParameterizedTest
    @ValueSource(strings = {"link", "name", "nothing"})
    void aModelThatIsNoneIsNotVerifiedAndSaysSo(String what) throws Exception {
        done("sign key @model --private-key @key.pem --signature @model.sig");
        Path model = dir.resolve("model");
        switch (what) {
            case "link" -> Files.createSymbolicLink(model.resolve("link"), Path.of("nowhere"));
            case "name" ->
                assertThat(new ProcessBuilder("sh", "-c", "touch \"$0/$(printf 'a\\377')\"", model.toString())
                                .start()
                                .waitFor())
                        .isZero();
            default -> Files.move(model, dir.resolve("moved"));
        }

        Run run = failed("verify key @model --signature @model.sig --public-key @key.pub", "INVALID_MODEL: ");
        assertThat(run.out()).startsWith("The model is NOT verified: INVALID_MODEL: ");
        assertThat(run.err()).isEmpty();
        JsonNode json = failed("verify key @model --signature @model.sig --public-key @key.pub --json", "")
                .json();
        assertThat(json.get("verified").asBoolean()).isFalse();
        assertThat(json.get("reason").asText()).isEqualTo("INVALID_MODEL");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "garbage", "{}", "[]", "{\"mediaType\": 1}", "null", "\0\0"})
    void garbageIsNoSignature(String text) throws IOException {
        Files.writeString(dir.resolve("model.sig"), text);

        failed("verify key @model --signature @model.sig --public-key @key.pub", "MALFORMED_BUNDLE");
        failed("inspect @model.sig", "modelops: ");
        if (!text.isEmpty()) {
            failed("sign key @model --private-key @key.pem --signature @model.sig", "something else");
        }
        assertThat(Files.readString(dir.resolve("model.sig"))).isEqualTo(text);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "verify key @model --signature @none --public-key @key.pub | there is no file",
                "verify key @none --signature @key.pub --public-key @key.pub | MALFORMED_BUNDLE",
                "verify key @model --signature @key.pub --public-key @none | does not exist",
                "verify key @model --signature @key.pub --public-key @key.pem | cannot be used",
                "verify certificate @model --signature @key.pub --certificate-chain @key.pub | cannot be used",
                "verify certificate @model --signature @key.pub --certificate-chain @none | does not exist",
                "sign key @none --private-key @key.pem --signature @x | there is nothing at",
                "sign key @model --private-key @key.pub --signature @x | cannot be used: ",
                "sign key @model --private-key @none --signature @x | cannot be used: ",
                "sign key @model --private-key @key.pem --signature @none/x | in a folder that exists",
                "sign key @model --private-key @key.pem --signature @key.pub | something else",
                "sign key @model --pkcs11 @key.pem --alias a --password b --signature @x | the lines name, library",
                "sign key @model --pkcs11 @none --alias a --password b --signature @x | there is none at",
                "inspect @none | does not exist",
                "verify key @model --signature @model --public-key @key.pub | must be a file",
                "verify key @model --signature @key.pub --public-key @model | must be a file, but is a folder",
                "inspect @model | must be a file, but is a folder",
                "digest @none | there is nothing at"
            })
    void whatCannotBeUsedIsExitCode1AndSaysWhy(String line, String message) {
        Run run = failed(line.strip(), message == null ? "" : message.strip());

        assertThat(run.out() + run.err()).isNotBlank();
        assertThat(dir.resolve("x")).doesNotExist();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "sign | Missing required subcommand",
                "verify | Missing required subcommand",
                "key | Missing required subcommand",
                "sign key | Missing required",
                "sign key @model | --private-key",
                "sign key @model --private-key a --key-store b | mutually exclusive",
                "sign key @model --private-key a --alias b | --alias goes with",
                "sign key @model --pkcs11 a --password b | --alias",
                "sign key @model --private-key a --password b --password-env C | give one of them",
                "sign key @model --private-key @key.pem --hash-algorithm md5 | expected one of sha256, blake2b, blake3",
                "sign key @model --private-key @key.pem --shard-size -1 | --shard-size must be at least 1",
                "sign key @model --private-key @key.pem --shard-size 0 | --shard-size must be at least 1",
                "sign key @model --private-key @key.pem --shard-size 1.5 | not a long",
                "sign certificate @model --private-key @key.pem | --signing-certificate",
                "verify key @model --public-key a | --signature",
                "verify key @model --signature a | --public-key",
                "verify certificate @model --signature a | --certificate-chain",
                "verify keyless @model --signature a | --identity",
                "verify key @model --signature a --public-key b --accept all | expected one of old-statements,",
                "verify bundle @model | Missing required options",
                "key generate | --private-key",
                "key generate --private-key a --algorithm rsa | expected one of ed25519, ecdsa-p256",
                "digest | MODEL",
                "inspect | BUNDLE"
            })
    void wrongUsageIsExitCode2(String line, String message) {
        Run run = run(line.strip());

        assertThat(run.exitCode()).as(run.toString()).isEqualTo(2);
        assertThat(run.out()).isEmpty();
        assertThat(run.err()).contains(message.strip(), "--help'.");
    }

    @Test
    void passwordsAreNotShown() throws IOException {
        List<Run> runs = new ArrayList<>();
        Files.writeString(dir.resolve("secret"), "marked-9\n");
        runs.add(run("key generate --private-key @locked.pem --password-file @secret"));
        runs.add(run("sign key @model --private-key @locked.pem --password marked-8 --signature @x"));
        runs.add(run("sign key @model --private-key @key.pem --password marked-8 --signature @x --bad"));
        runs.add(run("sign key --private-key @locked.pem --password marked-8"));
        runs.add(run("sign key @model --key-store @locked.pem --password marked-8 --signature @x"));
        runs.add(run("sign key @model --pkcs11 @secret --alias a --password marked-8 --signature @x"));
        runs.add(run("verify key @model --signature @x --public-key @secret"));

        assertThat(runs).allSatisfy(run -> assertThat(run.toString()).doesNotContain("marked-"));
    }

    @Test
    void theSpellingOfTheReferenceClientIsUnderstood() {
        assertThat(Spelling.dashed("sign", "key", "a_b", "--private_key=c_d", "--ignore_paths", "e_f", "--", "--g_h"))
                .containsExactly("sign", "key", "a_b", "--private-key=c_d", "--ignore-paths", "e_f", "--", "--g_h");
        assertThat(Spelling.dashed("sign", "key", "--password", "--my_secret")).endsWith("--my_secret");
        assertThat(Spelling.dashed("log", "show", "--log_key")).endsWith("--log_key");
        assertThat(Spelling.dashed()).isEmpty();
    }

    /** Writes a root, an intermediate of it, a leaf for the key, and a root that has nothing to do with them. */
    private List<X509Certificate> writeCertificates() throws Exception {
        X509Certificate root = certificate("root", rootKeys, "root", rootKeys, true);
        X509Certificate middle = certificate("middle", middleKeys, "root", rootKeys, true);
        X509Certificate leaf = certificate("leaf", keys, "middle", middleKeys, false);
        writeCertificate("root.crt", root);
        writeCertificate("middle.crt", middle);
        writeCertificate("leaf.crt", leaf);
        writeCertificate("other.crt", certificate("root", middleKeys, "root", middleKeys, true));
        return List.of(leaf, middle);
    }

    private void writeCertificate(String name, X509Certificate certificate) throws Exception {
        Files.writeString(
                dir.resolve(name),
                "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    private static X509Certificate certificate(
            String name, KeyPair subject, String issuerName, KeyPair issuer, boolean authority) throws Exception {
        Instant now = Instant.now();
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + issuerName),
                java.math.BigInteger.valueOf(name.hashCode() & 0xFFFF),
                Date.from(now.minusSeconds(3600)),
                Date.from(now.plusSeconds(3600)),
                new X500Name("CN=" + name),
                subject.getPublic());
        builder.addExtension(Extension.basicConstraints, true, new BasicConstraints(authority));
        builder.addExtension(
                Extension.keyUsage,
                true,
                new KeyUsage(authority ? KeyUsage.keyCertSign | KeyUsage.cRLSign : KeyUsage.digitalSignature));
        return new JcaX509CertificateConverter()
                .getCertificate(
                        builder.build(new JcaContentSignerBuilder("SHA384withECDSA").build(issuer.getPrivate())));
    }
}
