package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.modelops.core.signing.Keys;
import dev.modelops.signing.SignatureAlgorithm;
import java.io.IOException;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.Date;
import java.util.List;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.x500.X500Name;
import org.bouncycastle.asn1.x509.AlgorithmIdentifier;
import org.bouncycastle.asn1.x509.ExtendedKeyUsage;
import org.bouncycastle.asn1.x509.Extension;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.asn1.x509.KeyUsage;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cert.jcajce.JcaX509CertificateConverter;
import org.bouncycastle.cert.jcajce.JcaX509v3CertificateBuilder;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.operator.jcajce.JcaContentSignerBuilder;
import org.bouncycastle.operator.jcajce.JcaDigestCalculatorProviderBuilder;
import org.bouncycastle.tsp.TSPAlgorithms;
import org.bouncycastle.tsp.TimeStampRequest;
import org.bouncycastle.tsp.TimeStampResponseGenerator;
import org.bouncycastle.tsp.TimeStampTokenGenerator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Timestamps on the command line, by an authority that Bouncy Castle makes. */
class TimestampTest {
    private static final Instant NOW = Instant.now();
    private static final Instant EXPIRED = NOW.minusSeconds(600);
    private static final Instant SIGNED = NOW.minusSeconds(1200);

    @TempDir
    Path dir;

    private final KeyPair tsaKeys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
    private X509Certificate tsa;
    private HttpServer server;

    @BeforeEach
    void makeModelCertificatesAndAuthority() throws Exception {
        Path model = Files.createDirectories(dir.resolve("model"));
        Files.writeString(model.resolve("weights.bin"), "weights");
        KeyPair keys = Keys.generate(SignatureAlgorithm.ECDSA_P256);
        Keys.store(keys, dir.resolve("key.pem"), dir.resolve("key.pub"));
        write("leaf.crt", certificate("leaf", keys, EXPIRED, KeyPurposeId.id_kp_codeSigning));
        tsa = certificate("tsa", tsaKeys, NOW.plusSeconds(3600), KeyPurposeId.id_kp_timeStamping);
        write("tsa.crt", tsa);
        write(
                "other.crt",
                certificate(
                        "tsa",
                        Keys.generate(SignatureAlgorithm.ECDSA_P256),
                        NOW.plusSeconds(3600),
                        KeyPurposeId.id_kp_timeStamping));
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/tsr", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            TimeStampTokenGenerator tokens = new TimeStampTokenGenerator(
                    new JcaSimpleSignerInfoGeneratorBuilder().build("SHA256withECDSA", tsaKeys.getPrivate(), tsa),
                    new JcaDigestCalculatorProviderBuilder().build().get(new AlgorithmIdentifier(TSPAlgorithms.SHA256)),
                    new ASN1ObjectIdentifier("1.2.3.4"));
            tokens.addCertificates(new JcaCertStore(List.of(tsa)));
            byte[] response = new TimeStampResponseGenerator(tokens, TSPAlgorithms.ALLOWED)
                    .generate(new TimeStampRequest(exchange.getRequestBody()), BigInteger.ONE, Date.from(SIGNED))
                    .getEncoded();
            exchange.getResponseHeaders().add("Content-Type", "application/timestamp-reply");
            exchange.sendResponseHeaders(200, response.length);
            exchange.getResponseBody().write(response);
        } catch (Exception e) {
            throw new IOException(e);
        }
    }

    private String url() {
        return "http://127.0.0.1:" + server.getAddress().getPort() + "/tsr";
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
    void aStampedSignatureOutlivesItsCertificate() {
        String verify = "verify certificate @model --signature @model.sig --certificate-chain @leaf.crt";
        done("sign certificate @model --private-key @key.pem --signing-certificate @leaf.crt --signature @model.sig"
                + " --timestamp-url " + url());

        assertThat(done(verify + " --timestamp-chain @tsa.crt").out())
                .contains("TIMESTAMP_VERIFIED", SIGNED.toString().substring(0, 19));
        assertThat(done(verify + " --timestamp_chain @other.crt --timestamp-chain @tsa.crt")
                        .exitCode())
                .isZero();
        failed(verify, "UNTRUSTED_CERTIFICATE");
        failed(verify + " --timestamp-chain @other.crt", "UNTRUSTED_TIMESTAMP");
        failed(verify + " --timestamp-chain @key.pub", "cannot be used");
    }

    @Test
    void aSignatureByKeyIsStampedToo() {
        done("sign key @model --private-key @key.pem --signature @model.sig --timestamp-url " + url());

        JsonNode json =
                done("verify key @model --signature @model.sig --public-key @key.pub --timestamp-chain @tsa.crt --json")
                        .json();
        assertThat(json.at("/notes/0/code").asText()).isEqualTo("TIMESTAMP_VERIFIED");
        assertThat(done("verify key @model --signature @model.sig --public-key @key.pub")
                        .out())
                .contains("TIMESTAMPS_NOT_EXAMINED");
    }

    @Test
    void theCheckpointOfAnExportIsStampedBesideIt() throws IOException {
        done("log export --store d --out @tiles --timestamp-url " + url());

        assertThat(dir.resolve("tiles/checkpoint.tsr")).exists();
        assertThat(done("verify timestamp @tiles/checkpoint --timestamp-chain @tsa.crt")
                        .out())
                .contains("The timestamp is verified", "CN=tsa");
        JsonNode json = done("verify timestamp @tiles/checkpoint --timestamp-chain @tsa.crt --json")
                .json();
        assertThat(Instant.parse(json.get("time").asText()).getEpochSecond()).isEqualTo(SIGNED.getEpochSecond());
        Files.writeString(dir.resolve("tiles/checkpoint"), "another");
        failed("verify timestamp @tiles/checkpoint --timestamp-chain @tsa.crt", "UNTRUSTED_TIMESTAMP");
        assertThat(failed("verify timestamp @tiles/vkey --timestamp-chain @tsa.crt --json", "vkey.tsr")
                        .json()
                        .get("reason")
                        .asText())
                .isEqualTo("UNTRUSTED_TIMESTAMP");
    }

    @Test
    void anAuthorityThatCannotBeAskedIsSaidSo() {
        String line = "sign key @model --private-key @key.pem --signature @model.sig --timestamp-url ";
        failed(line + url().replace("/tsr", "/none"), "status 404");

        assertThat(dir.resolve("model.sig")).doesNotExist();
        assertThat(run(line + "tsa.example.org").exitCode()).isEqualTo(2);
        assertThat(run("verify timestamp @key.pub").exitCode()).isEqualTo(2);
        assertThat(run("log export --store d --out @tiles --timestamp-url " + url() + " --timestamp-url " + url())
                        .exitCode())
                .isEqualTo(2);
    }

    private void write(String name, X509Certificate certificate) throws Exception {
        Files.writeString(
                dir.resolve(name),
                "-----BEGIN CERTIFICATE-----\n" + Base64.getMimeEncoder().encodeToString(certificate.getEncoded())
                        + "\n-----END CERTIFICATE-----\n");
    }

    private static X509Certificate certificate(String name, KeyPair keys, Instant end, KeyPurposeId purpose)
            throws Exception {
        var builder = new JcaX509v3CertificateBuilder(
                new X500Name("CN=" + name),
                BigInteger.ONE,
                Date.from(NOW.minusSeconds(3600)),
                Date.from(end),
                new X500Name("CN=" + name),
                keys.getPublic());
        builder.addExtension(Extension.keyUsage, true, new KeyUsage(KeyUsage.digitalSignature));
        builder.addExtension(Extension.extendedKeyUsage, true, new ExtendedKeyUsage(purpose));
        return new JcaX509CertificateConverter()
                .getCertificate(builder.build(new JcaContentSignerBuilder("SHA256withECDSA").build(keys.getPrivate())));
    }
}
