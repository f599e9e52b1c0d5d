package dev.modelops.core.internal.signing;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.signing.VerificationException;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.time.Clock;
import java.time.ZoneOffset;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Inputs that the mutations once led to are judged as they were then. */
class BundleCorpusTest {
    private static final BundleTrust TRUST = PublisherTrust.of(
                    List.of(Pem.publicKey(text("key.pub.pem"))), Pem.certificates(text("root.pem")))
            .at(Clock.fixed(TestPki.NOW, ZoneOffset.UTC));
    private static final Leniency LENIENT = new Leniency(true, true, false);

    static Stream<Arguments> corpus() {
        AtomicInteger line = new AtomicInteger();
        return text("corpus.txt").lines().map(text -> {
            String[] parts = text.split(" ");
            return Arguments.of(
                    line.incrementAndGet(),
                    parts[0],
                    parts.length == 1
                            ? Bytes.ofUtf8("")
                            : Bytes.of(Base64.getDecoder().decode(parts[1])));
        });
    }

    @ParameterizedTest(name = "line {0}: {1}")
    @MethodSource("corpus")
    void everyInputIsJudgedAsBefore(int line, String expected, Bytes input) {
        assertThat(judged(input)).isEqualTo(expected);
    }

    @Test
    void theCorpusReachesEveryKindOfAnswer() {
        assertThat(corpus().map(arguments -> arguments.get()[1]).distinct())
                .contains(
                        "ACCEPTED",
                        "MALFORMED_BUNDLE",
                        "UNSUPPORTED",
                        "UNTRUSTED_KEY",
                        "UNTRUSTED_CERTIFICATE",
                        "INVALID_SIGNATURE",
                        "INVALID_STATEMENT");
    }

    private static String judged(Bytes input) {
        try {
            Bundle bundle = Bundle.parse(input);
            BundleTrust.Approval approval = TRUST.judge(bundle, LENIENT);
            VerifiedStatement statement = Statement.read(bundle, LENIENT).approved(approval);
            assertThat(statement.files()).isNotEmpty();
            return "ACCEPTED";
        } catch (VerificationException e) {
            return e.reason().name();
        }
    }

    private static String text(String name) {
        try (InputStream in = BundleCorpusTest.class.getResourceAsStream("/oms-corpus/" + name)) {
            if (in == null) {
                throw new IllegalArgumentException("no resource " + name);
            }
            return Bytes.of(in.readAllBytes()).toUtf8();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
