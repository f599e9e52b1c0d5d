package dev.modelops.core.internal.signing;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.Bytes;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.NoteException;
import dev.modelops.core.internal.tlog.NoteVerifier;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.tlog.TlogProof;
import dev.modelops.core.internal.witness.Quorum;
import dev.modelops.signing.VerificationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.PublicKey;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.Set;

/**
 * What mutations are made of, and how it is judged. Inputs and keys are files, so that a seed leads to the same mutants
 * everywhere and what was found can be kept; {@link MutationInputs} made them.
 */
enum MutationTarget {
    KEY_BUNDLE("key.bundle.json") {
        @Override
        Object meaning(byte[] input) {
            return bundle(Bytes.of(input));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.json(input);
        }
    },
    CERTIFICATE_BUNDLE("certificate.bundle.json") {
        @Override
        Object meaning(byte[] input) {
            return bundle(Bytes.of(input));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.json(input);
        }
    },
    STAMPED_BUNDLE("stamped.bundle.json") {
        @Override
        Object meaning(byte[] input) {
            return bundle(Bytes.of(input));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.json(input);
        }
    },
    ENVELOPE("envelope.json") {
        @Override
        Object meaning(byte[] input) {
            Attested attested = Attested.verify(Bytes.of(input), EVIDENCE_KEYS, 2);
            return List.of(
                    attested.predicateType(),
                    attested.subjects(),
                    attested.predicate().value(),
                    attested.signers());
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.json(input);
        }
    },
    NOTE("note.txt") {
        @Override
        Object meaning(byte[] input) {
            SignedNote note = SignedNote.parse(new String(input, StandardCharsets.UTF_8));
            return List.of(demanded(note), CheckpointBody.parse(note.text()));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.lines(input);
        }
    },
    RECEIPT("receipt.tlog-proof") {
        @Override
        Object meaning(byte[] input) {
            TlogProof receipt = TlogProof.parse(new String(input, StandardCharsets.UTF_8));
            CheckpointBody body = receipt.verify(MutationInputs.ENTRY, LOG);
            return List.of(demanded(receipt.checkpoint()), body, receipt.index());
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.lines(input);
        }
    },
    LEAF("leaf.der") {
        @Override
        Object meaning(byte[] input) {
            return bundle(withCertificate(0, input));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.der(input);
        }
    },
    ISSUER("issuer.der") {
        @Override
        Object meaning(byte[] input) {
            return bundle(withCertificate(1, input));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.der(input);
        }
    },
    TIMESTAMP("stamp.tsr") {
        @Override
        Object meaning(byte[] input) {
            Rfc3161.Stamp stamp = Rfc3161.verify(Bytes.of(input), Bytes.of(MutationInputs.ENTRY), TSA);
            return List.of(stamp.time(), stamp.accuracy(), content(stamp.authority()));
        }

        @Override
        byte[] mutated(Mutator mutator, byte[] input) {
            return mutator.der(input);
        }
    };

    private static final String FOLDER = "/mutations/";
    private static final Leniency LENIENT = new Leniency(true, true, false);
    private static final List<X509Certificate> TSA = Pem.certificates(text("tsa.pem"));
    private static final BundleTrust TRUST = PublisherTrust.of(
                    List.of(Pem.publicKey(text("key.pub"))), Pem.certificates(text("root.pem")))
            .at(Clock.fixed(TestPki.NOW, ZoneOffset.UTC));
    private static final List<PublicKey> EVIDENCE_KEYS =
            List.of(Pem.publicKey(text("evidence-ed25519.pub")), Pem.publicKey(text("evidence-ml-dsa-65.pub")));
    private static final NoteVerifier LOG = NoteVerifier.parse(text("log.vkey").strip());
    private static final List<CosignatureKey> WITNESSES =
            text("witnesses.vkey").lines().map(CosignatureKey::parse).toList();
    private static final Quorum BOTH = Quorum.of(
            WITNESSES.size(), WITNESSES.stream().map(CosignatureKey::vkey).toList());

    private final String file;

    MutationTarget(String file) {
        this.file = file;
    }

    /** Returns a valid input. */
    byte[] valid() {
        return resource(file);
    }

    /**
     * Returns what an input says that is accepted.
     *
     * @throws VerificationException or {@link NoteException} if it is refused
     */
    abstract Object meaning(byte[] input);

    /** Tells whether the input is DER: how strictly that is read differs between versions of Java. */
    boolean isDer() {
        return file.endsWith(".der") || file.endsWith(".tsr");
    }

    /** Changes an input by the structure it has. */
    abstract byte[] mutated(Mutator mutator, byte[] input);

    private static Object bundle(Bytes json) {
        Bundle bundle = Bundle.parse(json).timedBy(TSA);
        BundleTrust.Approval approval = TRUST.judge(bundle, LENIENT);
        VerifiedStatement statement = Statement.read(bundle, LENIENT).approved(approval);
        return List.of(
                bundle.payload(),
                statement.signer(),
                statement.root(),
                statement.files(),
                statement.ignorePaths(),
                statement.serialization(),
                statement.allowSymlinks(),
                bundle.provenTime(),
                bundle.certificates().isEmpty()
                        ? ""
                        : content(bundle.certificates().get(0)));
    }

    private static Bytes content(X509Certificate certificate) {
        try {
            return Bytes.of(certificate.getTBSCertificate());
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Bytes withCertificate(int place, byte[] der) {
        return Models.edited(Bytes.of(CERTIFICATE_BUNDLE.valid()), root -> {
            ArrayNode certificates = (ArrayNode) root.at("/verificationMaterial/x509CertificateChain/certificates");
            ((ObjectNode) certificates.get(place))
                    .put("rawBytes", Base64.getEncoder().encodeToString(der));
        });
    }

    /** Returns who signed a note as it is demanded here: the log and every witness. */
    private static Object demanded(SignedNote note) {
        if (note.verifiedBy(Set.of(LOG)).isEmpty() || !BOTH.isMetBy(note.toString())) {
            throw new IncompleteNoteException();
        }
        return note.cosignedBy(WITNESSES);
    }

    /** A note that is well formed and lacks a signature that is demanded. */
    static final class IncompleteNoteException extends RuntimeException {
        private static final long serialVersionUID = 1L;

        IncompleteNoteException() {
            super("a signature is missing that must be there");
        }
    }

    static String text(String name) {
        return new String(resource(name), StandardCharsets.UTF_8);
    }

    private static byte[] resource(String name) {
        try (InputStream in = MutationTarget.class.getResourceAsStream(FOLDER + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + FOLDER + name);
            }
            return in.readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
