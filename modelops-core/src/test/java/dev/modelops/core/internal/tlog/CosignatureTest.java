package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.core.signing.Signers;
import dev.modelops.signing.SignatureAlgorithm;
import dev.modelops.signing.Signer;
import dev.modelops.signing.SigningException;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.KeyFactory;
import java.security.KeyPair;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Instant;
import java.util.Arrays;
import java.util.Base64;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Cosignatures, against ones made by other software over the example of the specification. */
class CosignatureTest {
    private static final String TEXT =
            "example.com/behind-the-sofa\n20852163\n" + "CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n";
    private static final Instant TIME = Instant.ofEpochSecond(1679315147);
    private static final String LOG_LINE =
            "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9"
                    + "nTo+zyWE+xeMcTOAYQ8=\n";

    /** Made with pyca/cryptography 48 from the Ed25519 seed 00 01 .. 1f. */
    private static final String ED25519_VKEY =
            "witness.example.com/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4";

    private static final String ED25519_LINE =
            "\u2014 witness.example.com/w1 oAWfEQAAAABkGFDLBuRDazBLVac2NE+Y+IjbjQOcXLfF9CSDZVUIoS83rE1nFZsVE8YiWV6Ngr7lV8H6"
                    + "bdoBQGP/l73euDMQ9k+bBQ==\n";
    private static final String ML_DSA_VKEY = resource("ml-dsa-44.vkey").strip();
    private static final String ML_DSA_LINE = resource("ml-dsa-44.line");

    private static String resource(String name) {
        try (InputStream in =
                Objects.requireNonNull(CosignatureTest.class.getResourceAsStream("/cosignatures/" + name))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static SignedNote note(String... lines) {
        return SignedNote.parse(TEXT + "\n" + LOG_LINE + String.join("", lines));
    }

    static Stream<List<String>> recorded() {
        return Stream.of(List.of(ED25519_VKEY, ED25519_LINE), List.of(ML_DSA_VKEY, ML_DSA_LINE));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void cosignaturesOfOtherSoftwareVerify(List<String> recorded) {
        CosignatureKey key = CosignatureKey.parse(recorded.get(0));

        assertThat(note(recorded.get(1)).cosignedBy(List.of(key))).isEqualTo(Map.of(key, TIME));
        assertThat(key.vkey()).isEqualTo(recorded.get(0));
    }

    @Test
    void whatIsCosignedHereIsWhatOtherSoftwareMakes() throws Exception {
        byte[] seed = new byte[32];
        for (int i = 0; i < seed.length; i++) {
            seed[i] = (byte) i;
        }
        byte[] der = HexFormat.of()
                .parseHex("302e020100300506032b657004220420" + HexFormat.of().formatHex(seed));
        CosignatureKey key = CosignatureKey.parse(ED25519_VKEY);
        byte[] typed = Base64.getDecoder().decode(ED25519_VKEY.split("\\+", 3)[2]);
        typed[0] = 1;
        String vkey = new Vkey("w", typed).text();
        Signer signer = Signers.of(new KeyPair(
                NoteVerifier.parse(vkey).publicKey(),
                KeyFactory.getInstance("Ed25519").generatePrivate(new PKCS8EncodedKeySpec(der))));

        Cosigner cosigner = new Cosigner("witness.example.com/w1", signer);

        assertThat(cosigner.key()).isEqualTo(key);
        assertThat(cosigner.cosign(TEXT, TIME.plusMillis(900))).isEqualTo(ED25519_LINE);
    }

    @Test
    void whatIsCosignedHereWithMlDsaSaysWhoseItIs() {
        Signer signer = Signers.generate(SignatureAlgorithm.ML_DSA_44);
        Cosigner cosigner = new Cosigner("log.example.org", signer);
        Cosigner other = new Cosigner("other.example.org", signer);

        String line = cosigner.cosign(TEXT, TIME);

        CosignatureKey key = CosignatureKey.parse(cosigner.key().vkey());
        assertThat(key).isEqualTo(cosigner.key()).isEqualTo(CosignatureKey.of("log.example.org", signer.publicKey()));
        assertThat(Base64.getDecoder().decode(key.vkey().split("\\+", 3)[2]))
                .hasSize(1313)
                .startsWith(6);
        assertThat(note(line).cosignedBy(List.of(key))).isEqualTo(Map.of(key, TIME));
        byte[] payload = note(line).signatures().get(1).signature().toByteArray();
        assertThat(payload).hasSize(8 + 2420);
        assertThat(other.key().verify(TEXT, payload)).as("under another name").isEmpty();
    }

    @Test
    void withMlDsaOnlyCheckpointsAreCosignedAndOnlyByNamesThatFit() {
        Signer signer = Signers.generate(SignatureAlgorithm.ML_DSA_44);
        Cosigner cosigner = new Cosigner("w", signer);

        assertThatIllegalArgumentException().isThrownBy(() -> cosigner.cosign("no checkpoint\n", TIME));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> cosigner.cosign(TEXT.replace("behind-the-sofa", "x".repeat(250)), TIME));
        assertThatIllegalArgumentException().isThrownBy(() -> new Cosigner("w".repeat(256), signer));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> new Cosigner("w", Signers.generate(SignatureAlgorithm.ML_DSA_65)));
        assertThatExceptionOfType(SigningException.class).isThrownBy(() -> cosigner.cosign(TEXT, Instant.EPOCH));
    }

    @ParameterizedTest
    @MethodSource("recorded")
    void aCosignatureHoldsForNoOtherTextTimeNameOrBytes(List<String> recorded) {
        CosignatureKey key = CosignatureKey.parse(recorded.get(0));
        SignedNote.NoteSignature signature = note(recorded.get(1)).signatures().get(1);
        byte[] payload = signature.signature().toByteArray();

        assertThat(key.verify(TEXT, payload)).contains(TIME);
        assertThat(key.verify(TEXT.replace("20852163", "20852164"), payload)).isEmpty();
        assertThat(key.verify(TEXT.replace("sofa", "couch"), payload)).isEmpty();
        assertThat(key.verify(TEXT.replace("CsUY", "DsUY"), payload)).isEmpty();
        assertThat(key.verify("no checkpoint\n", payload)).isEmpty();
        for (int i : new int[] {0, 7, 8, payload.length / 2, payload.length - 1}) {
            byte[] changed = payload.clone();
            changed[i] ^= 1;
            assertThat(key.verify(TEXT, changed)).as("byte " + i).isEmpty();
        }
        assertThat(key.verify(TEXT, Arrays.copyOf(payload, payload.length - 1))).isEmpty();
        assertThat(key.verify(TEXT, Arrays.copyOf(payload, payload.length + 1))).isEmpty();
        assertThat(key.verify(TEXT, new byte[0])).isEmpty();
    }

    @Test
    void theTwoKindsDifferInWhatTheySayOfExtensions() {
        String extended = TEXT + "an extension\n";

        assertThat(CosignatureKey.parse(ED25519_VKEY)
                        .verify(
                                extended,
                                note(ED25519_LINE)
                                        .signatures()
                                        .get(1)
                                        .signature()
                                        .toByteArray()))
                .isEmpty();
        assertThat(CosignatureKey.parse(ML_DSA_VKEY)
                        .verify(
                                extended,
                                note(ML_DSA_LINE)
                                        .signatures()
                                        .get(1)
                                        .signature()
                                        .toByteArray()))
                .contains(TIME);
    }

    @Test
    void aCosignatureWithoutATimeSaysNothing() {
        Signer signer = TestKeys.seeded(1).ed25519("w");
        Cosigner cosigner = new Cosigner("w", signer);

        assertThatExceptionOfType(SigningException.class).isThrownBy(() -> cosigner.cosign(TEXT, Instant.EPOCH));
        assertThatExceptionOfType(SigningException.class)
                .isThrownBy(() -> cosigner.cosign(TEXT, Instant.EPOCH.minusSeconds(1)));
    }

    @Test
    void aNoteIsRefusedIfAKnownWitnessDidNotSignWhatItIsSaidTo() {
        CosignatureKey key = CosignatureKey.parse(ED25519_VKEY);
        String other = ED25519_LINE.replace("BkGFDLBu", "BkGFDLBv");

        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> note(other).cosignedBy(List.of(key)))
                .withMessageContaining("witness.example.com/w1");
        assertThat(note(other).cosignedBy(List.of(CosignatureKey.parse(ML_DSA_VKEY))))
                .isEmpty();
    }

    @Test
    void onlyCosignaturesOfKnownWitnessesAreTakenOver() {
        CosignatureKey key = CosignatureKey.parse(ED25519_VKEY);
        SignedNote plain = note();

        SignedNote longer = plain.withCosignatures(note(ED25519_LINE, ML_DSA_LINE), List.of(key));

        assertThat(longer.toString()).isEqualTo(plain + ED25519_LINE);
        assertThat(longer.withCosignatures(longer, List.of(key)).toString()).isEqualTo(longer.toString());
        assertThatExceptionOfType(NoteException.class)
                .isThrownBy(() -> SignedNote.parse(TEXT.replace("63\n", "64\n") + "\n" + LOG_LINE)
                        .withCosignatures(note(ED25519_LINE), List.of(key)));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "w",
                "witness.example.com/w1+a0059f12+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
                "witness.example.com/w2+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG4",
                "witness.example.com/w1+a0059f11+BAOhB7/zzhC+HXDdGOdLwJln5NYwm6UNXx3chmQSVTG",
                "witness.example.com/w1+a0059f11+",
                "w+00000000+BA=="
            })
    void keysThatAreNotOfAWitnessAreRefused(String vkey) {
        assertThatIllegalArgumentException().isThrownBy(() -> CosignatureKey.parse(vkey));
    }

    @Test
    void keysOfOtherKindsAreRefused() {
        TestKeys keys = TestKeys.seeded(3);
        String logKey = NoteVerifier.of("w", keys.ed25519("a").publicKey()).vkey();

        assertThatIllegalArgumentException()
                .isThrownBy(() -> CosignatureKey.parse(logKey))
                .withMessageContaining("0x04");
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CosignatureKey.of(
                        "w", keys.signer(SignatureAlgorithm.ECDSA_P256, "b").publicKey()));
        assertThatIllegalArgumentException()
                .isThrownBy(() -> CosignatureKey.of("a b", keys.ed25519("a").publicKey()));
    }
}
