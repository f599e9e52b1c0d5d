package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.sigstore.merkle.InclusionProofVerificationException;
import dev.sigstore.merkle.InclusionProofVerifier;
import dev.sigstore.rekor.client.Checkpoints;
import dev.sigstore.rekor.client.RekorEntry;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.PublicKey;
import java.security.Signature;
import java.security.spec.X509EncodedKeySpec;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What this package makes is checked by code that others wrote: sigstore-java, and Ed25519 of the Java runtime. */
class IndependentVerifierTest {
    private final TestLog log = new TestLog(520);

    @Test
    void inclusionProofsVerifyWithSigstore() throws Exception {
        for (int size : new int[] {1, 2, 3, 7, 8, 255, 256, 257, 512, 520}) {
            for (int index = 0; index < size; index += index < 4 || index > size - 5 ? 1 : 29) {
                InclusionProofVerifier.verify(
                        log.leaves.get(index), index, size, log.tree.inclusionProof(index, size), log.tree.root(size));
            }
        }
    }

    @Test
    void tamperedInclusionProofsDoNotVerifyWithSigstore() {
        List<byte[]> proof = log.tree.inclusionProof(300, 520);
        byte[] root = log.tree.root(520);
        assertThatExceptionOfType(InclusionProofVerificationException.class)
                .isThrownBy(() -> InclusionProofVerifier.verify(log.leaves.get(301), 300, 520, proof, root));
        assertThatExceptionOfType(InclusionProofVerificationException.class)
                .isThrownBy(() -> InclusionProofVerifier.verify(log.leaves.get(300), 301, 520, proof, root));
        proof.get(3)[0] ^= 1;
        assertThatExceptionOfType(InclusionProofVerificationException.class)
                .isThrownBy(() -> InclusionProofVerifier.verify(log.leaves.get(300), 300, 520, proof, root));
    }

    @Test
    void checkpointsAreReadBySigstoreAndVerifyWithTheJavaRuntime() throws Exception {
        RekorEntry.Checkpoint checkpoint = Checkpoints.from(log.checkpoint(520));
        assertThat(checkpoint.getOrigin()).isEqualTo(TestLog.ORIGIN);
        assertThat(checkpoint.getSize()).isEqualTo(520);
        assertThat(checkpoint.getBase64Hash()).isEqualTo(NoteSyntax.base64(log.tree.root(520)));
        assertThat(checkpoint.getSignatures()).hasSize(1);
        RekorEntry.CheckpointSignature signature = checkpoint.getSignatures().get(0);
        NoteVerifier verifier = log.signer.verifier();
        assertThat(signature.getIdentity()).isEqualTo(verifier.name());
        assertThat(ByteBuffer.wrap(signature.getKeyHint()).getInt()).isEqualTo(verifier.keyId());
        assertThat(verifiesWithTheJavaRuntime(verifier, checkpoint.getSignedData(), signature))
                .isTrue();

        RekorEntry.Checkpoint tampered = Checkpoints.from(log.checkpoint(520).replace("\n520\n", "\n521\n"));
        assertThat(verifiesWithTheJavaRuntime(
                        verifier,
                        tampered.getSignedData(),
                        tampered.getSignatures().get(0)))
                .isFalse();
    }

    @Test
    void receiptsVerifyWithSigstore() throws Exception {
        TlogProof receipt = TlogProof.parse(log.receipt(77, 520));
        RekorEntry.Checkpoint checkpoint = Checkpoints.from(receipt.checkpoint().toString());
        InclusionProofVerifier.verify(
                NaiveTree.sha256(new byte[] {0}, log.entries.get(77)),
                receipt.index(),
                checkpoint.getSize(),
                receipt.hashes(),
                NoteSyntax.parseBase64("root", checkpoint.getBase64Hash()));
    }

    private static boolean verifiesWithTheJavaRuntime(
            NoteVerifier verifier, String text, RekorEntry.CheckpointSignature signature) throws Exception {
        PublicKey key = KeyFactory.getInstance("Ed25519", "SunEC")
                .generatePublic(new X509EncodedKeySpec(verifier.publicKey().getEncoded()));
        Signature ed25519 = Signature.getInstance("Ed25519", "SunEC");
        ed25519.initVerify(key);
        ed25519.update(text.getBytes(StandardCharsets.UTF_8));
        return ed25519.verify(signature.getSignature());
    }
}
