package dev.modelops.core.internal.signing;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import dev.modelops.Bytes;
import dev.modelops.core.internal.crypto.Crypto;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigInteger;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.bouncycastle.asn1.ASN1EncodableVector;
import org.bouncycastle.asn1.ASN1GeneralizedTime;
import org.bouncycastle.asn1.ASN1Integer;
import org.bouncycastle.asn1.ASN1ObjectIdentifier;
import org.bouncycastle.asn1.DERSet;
import org.bouncycastle.asn1.DERUTF8String;
import org.bouncycastle.asn1.cmp.PKIFreeText;
import org.bouncycastle.asn1.cmp.PKIStatus;
import org.bouncycastle.asn1.cmp.PKIStatusInfo;
import org.bouncycastle.asn1.cms.Attribute;
import org.bouncycastle.asn1.cms.AttributeTable;
import org.bouncycastle.asn1.cms.CMSAttributes;
import org.bouncycastle.asn1.cms.Time;
import org.bouncycastle.asn1.ess.ESSCertIDv2;
import org.bouncycastle.asn1.ess.SigningCertificateV2;
import org.bouncycastle.asn1.pkcs.PKCSObjectIdentifiers;
import org.bouncycastle.asn1.tsp.Accuracy;
import org.bouncycastle.asn1.tsp.MessageImprint;
import org.bouncycastle.asn1.tsp.TSTInfo;
import org.bouncycastle.asn1.tsp.TimeStampResp;
import org.bouncycastle.asn1.x509.KeyPurposeId;
import org.bouncycastle.cert.jcajce.JcaCertStore;
import org.bouncycastle.cms.CMSProcessableByteArray;
import org.bouncycastle.cms.CMSSignedData;
import org.bouncycastle.cms.CMSSignedDataGenerator;
import org.bouncycastle.cms.DefaultSignedAttributeTableGenerator;
import org.bouncycastle.cms.jcajce.JcaSimpleSignerInfoGeneratorBuilder;
import org.bouncycastle.tsp.TimeStampRequest;

/** A time-stamping authority on loopback that stamps any time it is told to, and answers wrongly where it is told to. */
public final class TestTsa implements AutoCloseable {
    private static final ASN1ObjectIdentifier POLICY = new ASN1ObjectIdentifier("1.3.6.1.4.1.57264.2");

    private final HttpServer server;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final CountDownLatch closed = new CountDownLatch(1);
    private volatile TestPki.Identity identity;
    private volatile TestPki.Identity named;
    private volatile List<TestPki.Identity> chain = List.of();
    private volatile Instant time = TestPki.NOW;
    private volatile String algorithm = "SHA256withECDSA";
    private volatile Fault fault = Fault.NONE;

    /** What it does wrong. */
    public enum Fault {
        NONE,
        WRONG_IMPRINT,
        WEAK_IMPRINT,
        WRONG_NONCE,
        NO_NONCE,
        NO_CERTIFICATE,
        MANY_CERTIFICATES,
        FORGED,
        REFUSAL,
        GRANTED_WITHOUT_TOKEN,
        TRUNCATED,
        TRAILING_BYTES,
        NO_ASN1,
        NESTED,
        OVERSIZED,
        ENDLESS,
        SLOW,
        SLOW_BODY,
        OTHER_TYPE,
        SERVER_ERROR,
        REDIRECT
    }

    /** Starts an authority that signs as somebody. */
    public TestTsa(TestPki.Identity identity) {
        this.identity = identity;
        this.named = identity;
        try {
            server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
        server.setExecutor(threads);
        server.createContext("/", this::answer);
        server.start();
    }

    /** Returns a draft of a certificate that is right for an authority. */
    public static TestPki.Draft draft() {
        return TestPki.draft("tsa").purposes(KeyPurposeId.id_kp_timeStamping);
    }

    public URI address() {
        return URI.create("http://127.0.0.1:" + server.getAddress().getPort() + "/tsr");
    }

    public TestTsa stamping(Instant at) {
        time = at;
        return this;
    }

    public TestTsa as(TestPki.Identity other, TestPki.Identity... others) {
        identity = other;
        named = other;
        chain = List.of(others);
        return this;
    }

    /** Says that it is another than the one whose key it has. */
    public TestTsa claimingToBe(TestPki.Identity other) {
        named = other;
        return this;
    }

    public TestTsa with(Fault value) {
        fault = value;
        return this;
    }

    public TestTsa signingBy(String value) {
        algorithm = value;
        return this;
    }

    /** Answers a request as it would over HTTP. */
    public Bytes stamp(Bytes request) {
        try {
            return Bytes.of(response(new TimeStampRequest(request.toByteArray())));
        } catch (IOException e) {
            throw new IllegalStateException(e);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        try (exchange) {
            byte[] request = exchange.getRequestBody().readAllBytes();
            if (fault == Fault.SLOW) {
                await();
            }
            if (fault == Fault.REDIRECT) {
                exchange.getResponseHeaders().add("Location", "/elsewhere");
                exchange.sendResponseHeaders(302, -1);
                return;
            }
            byte[] response = stamp(Bytes.of(request)).toByteArray();
            exchange.getResponseHeaders()
                    .add("Content-Type", fault == Fault.OTHER_TYPE ? "text/html" : "application/timestamp-reply");
            exchange.sendResponseHeaders(
                    fault == Fault.SERVER_ERROR ? 500 : 200, fault == Fault.ENDLESS ? 0 : response.length);
            OutputStream body = exchange.getResponseBody();
            if (fault == Fault.SLOW_BODY) {
                body.write(response, 0, 10);
                body.flush();
                await();
            } else {
                body.write(response);
            }
            while (fault == Fault.ENDLESS && closed.getCount() > 0) {
                body.write(new byte[8192]);
            }
        }
    }

    private void await() {
        try {
            closed.await(60, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private byte[] response(TimeStampRequest request) throws IOException {
        switch (fault) {
            case REFUSAL -> {
                return new TimeStampResp(
                                new PKIStatusInfo(
                                        PKIStatus.rejection, new PKIFreeText(new DERUTF8String("come\nback later"))),
                                null)
                        .getEncoded("DER");
            }
            case GRANTED_WITHOUT_TOKEN -> {
                return new TimeStampResp(new PKIStatusInfo(PKIStatus.granted), null).getEncoded("DER");
            }
            case NO_ASN1 -> {
                return "<html>no</html>".getBytes(java.nio.charset.StandardCharsets.US_ASCII);
            }
            case NESTED -> {
                byte[] nested = new byte[60_000];
                for (int i = 0; i < nested.length; i += 2) {
                    nested[i] = 0x30;
                    nested[i + 1] = (byte) 0x80;
                }
                return nested;
            }
            case OVERSIZED -> {
                return new byte[Rfc3161.MAX_BYTES + 1];
            }
            default -> {
                byte[] good = new TimeStampResp(
                                new PKIStatusInfo(PKIStatus.granted),
                                token(request).toASN1Structure())
                        .getEncoded("DER");
                return switch (fault) {
                    case TRUNCATED -> java.util.Arrays.copyOf(good, good.length - 1);
                    case TRAILING_BYTES -> java.util.Arrays.copyOf(good, good.length + 1);
                    default -> good;
                };
            }
        }
    }

    private CMSSignedData token(TimeStampRequest request) throws IOException {
        BigInteger nonce = request.getNonce();
        byte[] imprint = request.getMessageImprintDigest();
        ASN1ObjectIdentifier hash = request.getMessageImprintAlgOID();
        switch (fault) {
            case WRONG_IMPRINT -> imprint[0] ^= 1;
            case WEAK_IMPRINT -> {
                hash = new ASN1ObjectIdentifier("1.3.14.3.2.26");
                imprint = java.util.Arrays.copyOf(imprint, 20);
            }
            case WRONG_NONCE -> nonce = nonce.add(BigInteger.ONE);
            case NO_NONCE -> nonce = null;
            default -> {}
        }
        TSTInfo info = new TSTInfo(
                POLICY,
                new MessageImprint(new org.bouncycastle.asn1.x509.AlgorithmIdentifier(hash), imprint),
                new ASN1Integer(7),
                new ASN1GeneralizedTime(Date.from(time)),
                new Accuracy(new ASN1Integer(1), null, null),
                null,
                nonce == null ? null : new ASN1Integer(nonce),
                null,
                null);
        try {
            Attribute binding = new Attribute(
                    PKCSObjectIdentifiers.id_aa_signingCertificateV2,
                    new DERSet(new SigningCertificateV2(new ESSCertIDv2(
                            Crypto.sha256().digest(named.certificate().getEncoded())))));
            Attribute when = new Attribute(CMSAttributes.signingTime, new DERSet(new Time(Date.from(time))));
            ASN1EncodableVector attributes = new ASN1EncodableVector();
            attributes.add(binding);
            attributes.add(when);
            CMSSignedDataGenerator generator = new CMSSignedDataGenerator();
            generator.addSignerInfoGenerator(new JcaSimpleSignerInfoGeneratorBuilder()
                    .setProvider(Crypto.BOUNCY_CASTLE)
                    .setSignedAttributeGenerator(
                            new DefaultSignedAttributeTableGenerator(new AttributeTable(attributes)))
                    .build(algorithm, identity.privateKey(), named.certificate()));
            generator.addCertificates(new JcaCertStore(certificates()));
            byte[] content = info.getEncoded("DER");
            CMSSignedData signed =
                    generator.generate(new CMSProcessableByteArray(PKCSObjectIdentifiers.id_ct_TSTInfo, content), true);
            if (fault != Fault.FORGED) {
                return signed;
            }
            byte[] altered = signed.toASN1Structure().getEncoded("DER");
            altered[altered.length - 1] ^= 1;
            return new CMSSignedData(altered);
        } catch (Exception e) {
            throw new IllegalStateException(e);
        }
    }

    private List<java.security.cert.X509Certificate> certificates() {
        List<java.security.cert.X509Certificate> certificates = new ArrayList<>();
        if (fault != Fault.NO_CERTIFICATE) {
            certificates.add(named.certificate());
        }
        chain.forEach(one -> certificates.add(one.certificate()));
        for (int i = 0; fault == Fault.MANY_CERTIFICATES && i < 10; i++) {
            certificates.add(TestPki.draft("other" + i).selfSigned().certificate());
        }
        return certificates;
    }

    @Override
    public void close() {
        closed.countDown();
        server.stop(0);
        threads.shutdownNow();
    }
}
