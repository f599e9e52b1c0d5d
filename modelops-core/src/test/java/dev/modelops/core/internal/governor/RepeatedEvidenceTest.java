package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import dev.modelops.Digest;
import dev.modelops.ModelRef;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Objects;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** An old word of a signer does not become the newest, whoever writes the entry that says so. */
class RepeatedEvidenceTest {
    private static final ModelRef SIGNED = ModelRef.parse("model-1@3");

    private RegistryState state = RegistryState.empty();
    private String attachment = "";

    @BeforeEach
    void fold() throws IOException {
        try (InputStream in = Objects.requireNonNull(getClass().getResourceAsStream("entries.jsonl"))) {
            for (String line : new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .toList()) {
                attachment = line.contains("\"statement\"") ? line : attachment;
                state = apply(line);
            }
        }
    }

    private RegistryState apply(String line) {
        return Fold.apply(state, Entry.decode(state.size(), line.getBytes(StandardCharsets.UTF_8)));
    }

    private String again(String document) {
        String old = Digest.parse(json("digest")).toString();
        return attachment
                .replaceFirst("\"time\":\"[^\"]*\"", "\"time\":\"2026-03-01T09:30:00Z\"")
                .replaceFirst("\"command\":\"[^\"]*\"", "\"command\":\"again-" + state.size() + "\"")
                .replace(old, document);
    }

    private String json(String member) {
        return attachment.replaceFirst(".*\"" + member + "\":\"([^\"]*)\".*", "$1");
    }

    @Test
    void theSameDocumentIsNotAttachedTwice() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(again(json("digest"))))
                .withMessageContaining("attached to " + SIGNED + " again");
    }

    @Test
    void whatWasSignedIsNotAttachedAgainInAnotherEnvelope() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> apply(again("sha256:" + "1".repeat(64))))
                .withMessageContaining("the statement " + json("statement"));
    }

    @Test
    void furtherSignersCountUntilSomethingElseIsSaid() {
        String other = "sha256:" + "2".repeat(64);
        Set<Digest> further = Set.of(Digest.parse(other));
        Digest statement = Digest.parse(json("statement"));
        Set<Digest> signers = Set.of(
                Digest.parse(attachment.replaceFirst(".*\"signers\":\\[\"([^\"]*)\".*", "$1")), Digest.parse(other));
        assertThat(state.requireVersion(SIGNED).isNewWord("tests", statement, further))
                .isTrue();
        assertThat(state.requireVersion(SIGNED).isNewWord("tests", statement, signers))
                .isTrue();
        state = apply(again("sha256:" + "3".repeat(64)).replace(json("statement"), "sha256:" + "4".repeat(64)));
        assertThat(state.requireVersion(SIGNED).isNewWord("tests", statement, signers))
                .isFalse();
    }
}
