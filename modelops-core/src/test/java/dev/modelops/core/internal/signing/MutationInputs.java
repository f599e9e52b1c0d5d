package dev.modelops.core.internal.signing;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.evidence.Attestation;
import dev.modelops.core.evidence.Predicate;
import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Cosigner;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.core.signing.Keys;
import dev.modelops.core.signing.Signers;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import java.io.IOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.KeyPair;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Makes the inputs and keys of {@link MutationTarget} anew, in a folder; what was found with the old ones is of no use then. */
final class MutationInputs {
    /** The entry that the receipt is for, and what the timestamp is of. */
    static final byte[] ENTRY = "{\"entry\":1}".getBytes(StandardCharsets.UTF_8);

    private static final Instant SIGNED = TestPki.START.plusSeconds(3600);

    private MutationInputs() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Files.createDirectories(Path.of(arguments[0]));
        Path model = Models.folder(Files.createTempDirectory("mutations"));
        KeyPair keys = TestPki.keys("secp256r1");
        TestPki.Identity root = TestPki.draft("root").authority(-1).selfSigned();
        TestPki.Identity issuer = TestPki.draft("issuer").authority(0).issuedBy(root);
        TestPki.Identity leaf = TestPki.draft("leaf").keys(keys).issuedBy(issuer);
        TestPki.Identity expired = TestPki.draft("expired")
                .keys(keys)
                .valid(TestPki.START, SIGNED.plusSeconds(3600))
                .issuedBy(issuer);
        TestPki.Identity tsaRoot = TestPki.draft("tsa root").authority(-1).selfSigned();
        Signer plain = Signers.of(keys);
        FileManifest manifest = Models.hash(model);
        write(folder, "key.pub", Keys.publicKeyPem(keys.getPublic()));
        write(folder, "root.pem", pem(root));
        write(folder, "tsa.pem", pem(tsaRoot));
        write(folder, "leaf.der", leaf.certificate().getEncoded());
        write(folder, "issuer.der", issuer.certificate().getEncoded());
        write(folder, "key.bundle.json", Bundle.sign(manifest, plain).toByteArray());
        write(
                folder,
                "certificate.bundle.json",
                Bundle.sign(manifest, certified(plain, leaf, issuer)).toByteArray());
        try (TestTsa tsa = new TestTsa(TestTsa.draft().issuedBy(tsaRoot)).stamping(SIGNED)) {
            write(
                    folder,
                    "stamped.bundle.json",
                    Bundle.sign(
                                    manifest,
                                    certified(plain, expired, issuer),
                                    List.of(value -> Rfc3161.ask(value, BigInteger.TEN, tsa::stamp)))
                            .toByteArray());
            write(
                    folder,
                    "stamp.tsr",
                    Rfc3161.ask(Bytes.of(ENTRY), BigInteger.TEN, tsa::stamp).toByteArray());
        }
        writeEvidence(folder);
        writeNotes(folder);
    }

    private static void writeEvidence(Path folder) throws IOException {
        Signer usual = Signers.generate(SignatureAlgorithm.ED25519);
        Signer other = Signers.generate(SignatureAlgorithm.ML_DSA_65);
        write(folder, "evidence-ed25519.pub", Keys.publicKeyPem(usual.publicKey()));
        write(folder, "evidence-ml-dsa-65.pub", Keys.publicKeyPem(other.publicKey()));
        Bytes envelope = Attestation.sign(
                "credit@3",
                Digest.sha256Of(Bytes.ofUtf8("model")),
                new Predicate.Release("pkg:generic/credit@3", Optional.of("credit")),
                usual);
        write(folder, "envelope.json", Attestation.signAgain(envelope, other).toByteArray());
    }

    private static void writeNotes(Path folder) throws IOException {
        NoteSigner log = new NoteSigner("example.org/log", Signers.generate(SignatureAlgorithm.ED25519));
        Cosigner usual = new Cosigner("witness.example.org", Signers.generate(SignatureAlgorithm.ED25519));
        Cosigner other = new Cosigner("example.org/log", Signers.generate(SignatureAlgorithm.ML_DSA_44));
        byte[] sibling = Merkle.leafHash(new byte[] {1});
        byte[] root = Crypto.sha256().digest(joined(sibling, Merkle.leafHash(ENTRY)));
        CheckpointBody body = new CheckpointBody("example.org/log", 2, root);
        String note = log.sign(body.text());
        note += usual.cosign(body.text(), SIGNED) + other.cosign(body.text(), SIGNED);
        write(folder, "log.vkey", log.verifier().vkey() + "\n");
        write(folder, "witnesses.vkey", usual.key().vkey() + "\n" + other.key().vkey() + "\n");
        write(folder, "note.txt", note);
        write(folder, "receipt.tlog-proof", TlogProof.format(1, List.of(sibling), note));
    }

    private static byte[] joined(byte[] left, byte[] right) {
        byte[] node = new byte[65];
        node[0] = 1;
        System.arraycopy(left, 0, node, 1, 32);
        System.arraycopy(right, 0, node, 33, 32);
        return node;
    }

    private static Signer certified(Signer signer, TestPki.Identity... chain) {
        List<X509Certificate> certificates = new ArrayList<>();
        for (TestPki.Identity one : chain) {
            certificates.add(one.certificate());
        }
        return Signers.certified(signer, certificates);
    }

    private static String pem(TestPki.Identity identity) throws CertificateEncodingException {
        return "-----BEGIN CERTIFICATE-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'})
                        .encodeToString(identity.certificate().getEncoded())
                + "\n-----END CERTIFICATE-----\n";
    }

    private static void write(Path folder, String name, String text) throws IOException {
        write(folder, name, text.getBytes(StandardCharsets.UTF_8));
    }

    private static void write(Path folder, String name, byte[] content) throws IOException {
        Files.write(folder.resolve(name), content);
    }
}
