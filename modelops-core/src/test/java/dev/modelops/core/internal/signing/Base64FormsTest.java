package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.fasterxml.jackson.databind.node.TextNode;
import dev.modelops.Bytes;
import dev.modelops.signing.VerificationException;
import dev.modelops.signing.VerificationResult.Reason;
import java.util.Arrays;
import java.util.Base64;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Base64 in bundles and envelopes: read in each of the four forms of protobuf's JSON, and in no other. */
class Base64FormsTest {
    private static final List<Base64.Encoder> FORMS = List.of(
            Base64.getEncoder(),
            Base64.getEncoder().withoutPadding(),
            Base64.getUrlEncoder(),
            Base64.getUrlEncoder().withoutPadding());

    private static JsonMember member(String text) {
        return new JsonMember(Reason.MALFORMED_BUNDLE, "member", TextNode.valueOf(text));
    }

    @Test
    void everyFormOfTheSameBytesIsReadAlike() {
        Random random = new Random(1);
        for (int length = 1; length < 100; length++) {
            byte[] bytes = new byte[length];
            random.nextBytes(bytes);
            for (Base64.Encoder form : FORMS) {
                assertThat(member(form.encodeToString(bytes)).base64(100)).isEqualTo(Bytes.of(bytes));
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                "=",
                "====",
                "A",
                "A===",
                "AA=",
                "AAA==",
                "AAAA=",
                "AAAA====",
                "AA==AA==",
                "AB==",
                "AB",
                "AAB=",
                "AAB",
                "+-++",
                "-/--",
                "_+__",
                "++__",
                " AAAA",
                "AAAA ",
                "AA AA",
                "AAAA\n",
                "AA\r\nAA",
                "AA.A",
                "AA%3D%3D",
                "ÄAAA"
            })
    void whatNoEncoderWritesIsRefused(String text) {
        assertThatExceptionOfType(VerificationException.class)
                .isThrownBy(() -> member(text).base64(100))
                .withMessageContaining("member must");
    }

    @Test
    void theBoundIsOfTheBytes() {
        for (Base64.Encoder form : FORMS) {
            String text = form.encodeToString(new byte[101]);

            assertThat(member(text).base64(101).length()).isEqualTo(101);
            assertThatExceptionOfType(VerificationException.class)
                    .isThrownBy(() -> member(text).base64(100))
                    .withMessageContaining("at most 100 bytes");
        }
    }

    @ParameterizedTest
    @EnumSource(
            value = MutationTarget.class,
            names = {"KEY_BUNDLE", "CERTIFICATE_BUNDLE", "STAMPED_BUNDLE", "ENVELOPE"})
    void bundlesAndEnvelopesMeanTheSameInEveryForm(MutationTarget target) {
        Bytes valid = Bytes.of(target.valid());
        Object meaning = target.meaning(target.valid());
        for (Base64.Encoder form : FORMS) {
            Bytes other =
                    Models.edited(valid, root -> rewrite(root, bytes -> form.encodeToString(bytes.toByteArray())));

            assertThat(target.meaning(other.toByteArray())).isEqualTo(meaning);
        }
        assertThat(Models.edited(valid, root -> rewrite(root, Bytes::toBase64)))
                .as("what is written here is in the standard form")
                .isEqualTo(Models.edited(valid, root -> {}));
    }

    private interface Form {
        String write(Bytes bytes);
    }

    private static void rewrite(JsonNode node, Form form) {
        node.fieldNames().forEachRemaining(name -> {
            JsonNode value = node.get(name);
            if (Arrays.asList("payload", "sig", "rawBytes", "signedTimestamp").contains(name)) {
                byte[] bytes = Base64.getDecoder().decode(value.textValue());
                ((ObjectNode) node).put(name, form.write(Bytes.of(bytes)));
            }
        });
        node.forEach(child -> rewrite(child, form));
    }
}
