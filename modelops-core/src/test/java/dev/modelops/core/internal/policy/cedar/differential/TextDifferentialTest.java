package dev.modelops.core.internal.policy.cedar.differential;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.modelops.core.internal.policy.cedar.CedarPolicy;
import dev.modelops.core.internal.policy.cedar.CedarPolicySet;
import dev.modelops.core.internal.policy.cedar.CedarSyntaxException;
import dev.modelops.core.internal.policy.cedar.PolicyJson;
import dev.modelops.core.internal.policy.cedar.PolicyParser;
import dev.modelops.core.internal.policy.cedar.PolicyPrinter;
import dev.modelops.core.internal.policy.cedar.differential.NativeCedar.Refused;
import java.io.IOException;
import java.io.InputStream;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.atomic.LongAdder;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Has the same policies read and written, as text and as JSON, by our engine and by the reference implementation. */
class TextDifferentialTest {
    private static final double NOISE = 0.04;

    private final Comparison comparison = new Comparison(10);
    private final @Nullable NativeCedar engine = NativeCedar.orNull();

    @Test
    void textsMeanTheSame() {
        comparison.run("texts of policies and templates", seed -> {
            RandomWorld draw = new RandomWorld(seed, NOISE);
            ObjectNode policy = draw.policy(draw.random().nextInt(4) == 0);
            String text = SloppyText.join(SloppyText.words(policy, draw.random()), draw.random());
            CedarPolicySet ours = OurCedar.normal(PolicyParser.numbered(text));
            if (!ours.equals(OurCedar.normal(OurCedar.read(OurCedar.alone(policy))))) {
                return () -> "we read " + text + "\n  as " + PolicyJson.write(ours) + "\n  not " + policy;
            }
            return engine == null || theirs(text).equals(ours) ? null : () -> "they read differently " + text;
        });
    }

    @Test
    void whatWePrintIsReadTheSame() {
        comparison.run("policies printed by us", seed -> {
            RandomWorld draw = new RandomWorld(seed, NOISE);
            ObjectNode policy = draw.policy(draw.random().nextInt(4) == 0);
            CedarPolicySet set = OurCedar.normal(OurCedar.read(OurCedar.alone(policy)));
            StringBuilder text = new StringBuilder();
            for (CedarPolicy each : set.statics().values()) {
                text.append(PolicyPrinter.print(each));
            }
            for (CedarPolicy each : set.templates().values()) {
                text.append(PolicyPrinter.print(each));
            }
            CedarPolicySet back = engine == null ? PolicyParser.numbered(text.toString()) : theirs(text.toString());
            return OurCedar.normal(back).equals(set) ? null : () -> "read differently: " + text + "\n  for " + policy;
        });
    }

    @Test
    void whatWeWriteAsJsonIsReadTheSame() {
        comparison.run("sets written by us as JSON, with templates and links", seed -> {
            CedarPolicySet set = OurCedar.read(new RandomWorld(seed, NOISE).policySet());
            String written = PolicyJson.write(set);
            JsonNode back = engine == null ? json(written) : engine.toJson(json(written));
            return OurCedar.read(back).equals(set) ? null : () -> "read differently: " + written + "\n  as " + back;
        });
    }

    @Test
    void whatTheReferenceImplementationPrintsIsReadTheSame() {
        comparison.run("policies printed by the reference implementation", seed -> {
            ObjectNode policy = new RandomWorld(seed, NOISE).policy(false);
            String text = engine == null
                    ? PolicyPrinter.print(PolicyJson.readPolicy(policy.toString()))
                    : engine.toText(policy);
            CedarPolicySet ours = OurCedar.normal(PolicyParser.numbered(text));
            return ours.equals(OurCedar.normal(OurCedar.read(OurCedar.alone(policy))))
                    ? null
                    : () -> "read differently: " + text + "\n  for " + policy;
        });
    }

    @Test
    void brokenTextsAreRefusedByBoth() {
        LongAdder accepted = new LongAdder();
        comparison.run("texts with changed words and characters", seed -> {
            RandomWorld draw = new RandomWorld(seed, NOISE);
            Random random = draw.random();
            List<String> words = SloppyText.words(draw.policy(random.nextInt(4) == 0), random);
            Mutations mutations = new Mutations(random);
            String text = random.nextInt(3) == 0
                    ? mutations.characters(SloppyText.join(words, random))
                    : SloppyText.join(mutations.words(words), random);
            if (isAccepted(text)) {
                accepted.increment();
            }
            return engine == null || !differs(engine, text) ? null : () -> smallest(engine, text);
        });
        assertThat(accepted.sum()).isBetween(comparison.cases() / 50L, comparison.cases() / 5L);
    }

    @Test
    void textsWhoseVerdictIsRecordedHaveIt() throws IOException {
        JsonNode recorded;
        try (InputStream in = TextDifferentialTest.class.getResourceAsStream("texts.json")) {
            recorded = Json.MAPPER.readTree(Objects.requireNonNull(in, "texts.json"));
        }
        assertThat(recorded).hasSizeGreaterThan(200);
        for (JsonNode each : recorded) {
            String text = each.path(1).asText();
            assertThat(isAccepted(text)).as(text).isEqualTo(each.path(0).asBoolean());
            if (engine != null) {
                assertThat(differs(engine, text))
                        .as("what we and they make of " + text)
                        .isFalse();
            }
        }
    }

    private static boolean isAccepted(String text) {
        try {
            return PolicyParser.numbered(text) != null;
        } catch (CedarSyntaxException e) {
            return false;
        }
    }

    private static boolean differs(NativeCedar engine, String text) {
        CedarPolicySet ours = null;
        try {
            ours = OurCedar.normal(PolicyParser.numbered(text));
        } catch (CedarSyntaxException e) {
            // refused by us
        }
        try {
            return !OurCedar.normal(OurCedar.read(engine.parseText(text))).equals(ours);
        } catch (Refused e) {
            return ours != null;
        }
    }

    private static String smallest(NativeCedar engine, String text) {
        boolean ours = isAccepted(text);
        List<String> characters =
                text.codePoints().mapToObj(Character::toString).toList();
        String smallest = String.join("", Shrinker.shrink(characters, candidate -> {
            String shorter = String.join("", candidate);
            return isAccepted(shorter) == ours && differs(engine, shorter);
        }));
        try {
            return "we read " + PolicyJson.write(PolicyParser.numbered(smallest)) + ", they do not: " + smallest;
        } catch (CedarSyntaxException e) {
            return "we refuse, they do not: " + smallest + "\n  " + e.getMessage();
        }
    }

    private CedarPolicySet theirs(String text) throws Refused {
        return OurCedar.normal(OurCedar.read(Objects.requireNonNull(engine).parseText(text)));
    }

    private static JsonNode json(String text) {
        try {
            return Json.MAPPER.readTree(text);
        } catch (JsonProcessingException e) {
            throw new AssertionError("no JSON: " + text, e);
        }
    }
}
