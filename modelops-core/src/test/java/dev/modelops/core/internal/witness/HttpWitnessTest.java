package dev.modelops.core.internal.witness;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import com.sun.net.httpserver.HttpHandler;
import com.sun.net.httpserver.HttpServer;
import dev.modelops.Digest;
import dev.modelops.audit.LogKey;
import dev.modelops.audit.Witness;
import dev.modelops.audit.Witness.Answer;
import dev.modelops.core.WitnessServer;
import dev.modelops.core.Witnesses;
import dev.modelops.core.internal.tlog.CosignatureKey;
import dev.modelops.core.internal.tlog.SignedNote;
import dev.modelops.core.internal.tlog.TestVkeys;
import dev.modelops.storage.StorageException;
import dev.modelops.testkit.fixtures.MutableClock;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Witnesses over HTTP, on loopback. */
class HttpWitnessTest {
    private static final Witness OTHER = new FolderWitness(
            "w",
            List.of(TestKeys.seeded(5).ed25519("w")),
            Path.of("unused"),
            List.of(),
            MutableClock.at(Instant.parse("2026-03-01T09:00:00Z")));
    private static final String KEY = OTHER.keys().get(0);

    /**
     * The log, the key and the requests of the conversation in the tests of litewitness (filippo.io/torchwood, ISC licence),
     * with the statuses they expect; an unknown log is 404 by now (C2SP tlog-witness).
     */
    private static final String ORIGIN =
            "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562";

    private static final byte[] LOG_KEY =
            HexFormat.of().parseHex("01ffdc2d4d98e4124d3feaf788c0c2f9abfd796083d1f0495437f302ec79cf100f");
    private static final String SIZE_1 =
            ORIGIN + "\n1\nKgAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n\n\u2014 " + ORIGIN
                    + " UgIom7fPZTqpxWWhyjWduBvTvGVqsokMbqTArsQilegKoFBJQjUFAmQ0+YeSPM3wfUQMFSzVnnNuWRTYrajXpNUbIQY=\n";
    private static final String SIZE_3 =
            ORIGIN + "\n3\nRcCI1Nk56ZcSmIEfIn0SleqtV7uvrlXNccFx595Iwl0=\n\n\u2014 " + ORIGIN
                    + " UgIom2VbtIcdFbwFAy1n7s6IkAxIY6J/GQOTuZF2ORV39d75cbAj2aQYwyJre36kezNobZs4SUUdrcawfAB8WVrx6go=\n";
    private static final String SIZE_5 =
            ORIGIN + "\n5\nQrtXrQZCCvpIgsSmOsah7HdICzMLLyDfxToMql9WTjY=\n\n\u2014 " + ORIGIN
                    + " UgIomw/EOJmWi0i1FQsOj+etB7F8IccFam/jgd6wzRns4QPVmyEZtdvl1U2KEmLOZ/ASRcWJi0tW90dJWAShei7sDww=\n";
    private static final String FROM_1_TO_3 =
            "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n" + "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    private static final String FROM_1_TO_5 = "KgEAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            + "+fUDV+k970B4I3uKrqJM4aP1lloPZP8mvr2Z4wRw2LI=\n"
            + "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";
    private static final String FROM_3_TO_5 = "KgIAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            + "KgMAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n"
            + "wgiIFdZfYNv6WU1OllBKsWnLYIS/DBMqt8Uh/S4OukE=\n"
            + "KgQAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n";

    @TempDir
    Path dir;

    private final MutableClock clock = MutableClock.at(Instant.parse("2026-03-01T09:00:00Z"));
    private final CountDownLatch done = new CountDownLatch(1);
    private AutoCloseable server = () -> {};

    @AfterEach
    void stop() throws Exception {
        done.countDown();
        server.close();
    }

    private static InetSocketAddress loopback() {
        return new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
    }

    private static URI at(InetSocketAddress address) {
        return URI.create("http://" + address.getAddress().getHostAddress() + ":" + address.getPort());
    }

    private Witness own() {
        return Witnesses.folder(
                "example.com/witness",
                TestKeys.seeded(11).ed25519("witness"),
                dir.resolve("state"),
                List.of(new LogKey(TestVkeys.of(ORIGIN, LOG_KEY))),
                clock);
    }

    private URI serving(Witness witness) {
        WitnessServer started = Witnesses.serve(witness, loopback());
        server = started;
        return at(started.address());
    }

    private URI answering(HttpHandler handler) throws Exception {
        HttpServer started = HttpServer.create(loopback(), 0);
        server = () -> started.stop(0);
        started.createContext("/", handler);
        started.start();
        return at(started.getAddress());
    }

    private static HttpResponse<String> post(URI base, String path, String body) throws Exception {
        return HttpClient.newHttpClient()
                .send(
                        HttpRequest.newBuilder(base.resolve(path))
                                .POST(HttpRequest.BodyPublishers.ofString(body))
                                .build(),
                        HttpResponse.BodyHandlers.ofString());
    }

    private static HttpResponse<String> get(URI base, String path) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(base.resolve(path)).build(), HttpResponse.BodyHandlers.ofString());
    }

    @Test
    void theConversationOfAnotherWitnessGoesTheSameWay() throws Exception {
        Witness own = own();
        URI base = serving(own);
        CosignatureKey key = CosignatureKey.parse(own.keys().get(0));
        String monitoring = "/" + AddCheckpoint.originHash(ORIGIN) + "/checkpoint";
        assertThat(get(base, monitoring).statusCode()).isEqualTo(404);

        HttpResponse<String> first = post(base, "/add-checkpoint", "old 0\n\n" + SIZE_1);
        assertThat(first.statusCode()).isEqualTo(200);
        assertThat(SignedNote.parse(SIZE_1 + first.body()).cosignedBy(List.of(key)))
                .isEqualTo(Map.of(key, clock.instant()));

        String altered = SIZE_3.replace("Vrx6go=", "Vrx6gx=");
        assertThat(post(base, "/add-checkpoint", "old 1\n" + FROM_1_TO_3 + "\n" + altered)
                        .statusCode())
                .as("a line that is no base64 of its own is malformed")
                .isEqualTo(400);
        altered = SIZE_3.replace("UgIom2Vb", "UgIom2Vc");
        assertThat(post(base, "/add-checkpoint", "old 1\n" + FROM_1_TO_3 + "\n" + altered)
                        .statusCode())
                .isEqualTo(403);
        String unknown = SIZE_3.replace("9e562", "9e563");
        assertThat(post(base, "/add-checkpoint", "old 1\n" + FROM_1_TO_3 + "\n" + unknown)
                        .statusCode())
                .isEqualTo(404);
        assertThat(post(base, "/add-checkpoint", "old 1\n\n" + SIZE_3).statusCode())
                .isEqualTo(422);
        String wrong = FROM_1_TO_3.replace("AAAA=\n", "AABA=\n");
        assertThat(post(base, "/add-checkpoint", "old 1\n" + wrong + "\n" + SIZE_3)
                        .statusCode())
                .isEqualTo(422);
        assertThat(post(base, "/add-checkpoint", "old 1\n" + FROM_1_TO_3 + "\n" + SIZE_3)
                        .statusCode())
                .isEqualTo(200);

        HttpResponse<String> behind = post(base, "/add-checkpoint", "old 1\n" + FROM_1_TO_5 + "\n" + SIZE_5);
        assertThat(behind.statusCode()).isEqualTo(409);
        assertThat(behind.body()).isEqualTo("3\n");
        assertThat(behind.headers().firstValue("Content-Type")).contains("text/x.tlog.size");
        assertThat(post(base, "/add-checkpoint", "old 3\n" + FROM_3_TO_5 + "\n" + SIZE_5)
                        .statusCode())
                .isEqualTo(200);
        assertThat(post(base, "/add-checkpoint", "old 0\n\n" + SIZE_5).body()).isEqualTo("5\n");

        assertThat(get(base, monitoring).body()).startsWith(SIZE_5).contains("\u2014 example.com/witness ");
        assertThat(get(base, "/add-checkpoint").statusCode()).isEqualTo(405);
        assertThat(get(base, "/elsewhere").statusCode()).isEqualTo(404);
        assertThat(post(base, monitoring, "").statusCode()).isEqualTo(405);
        assertThat(post(base, "/add-checkpoint", "old 5\n\n" + SIZE_5 + "x".repeat(70_000))
                        .statusCode())
                .isEqualTo(413);
        assertThat(post(base, "/add-checkpoint", "hello").statusCode()).isEqualTo(400);
    }

    @Test
    void theClientUnderstandsTheServer() {
        Witness own = own();
        Witness asked = Witnesses.http(serving(own), own.keys().get(0));

        assertThat(asked.newest(ORIGIN)).isEmpty();
        assertThat(asked.cosign(SIZE_1, 0, List.of()))
                .isInstanceOfSatisfying(
                        Answer.Cosigned.class,
                        answer -> assertThat(answer.signatures()).startsWith("\u2014 example.com/witness "));
        assertThat(asked.cosign(SIZE_3, 0, List.of())).isEqualTo(new Answer.Holds(1));
        assertThat(asked.newest(ORIGIN)).isEqualTo(own.newest(ORIGIN)).isPresent();
        for (Map.Entry<Answer.Reason, Answer> answer : Map.of(
                        Answer.Reason.INCONSISTENT, asked.cosign(SIZE_3, 1, List.of()),
                        Answer.Reason.UNKNOWN_LOG, asked.cosign(SIZE_3.replace("sigsum", "sugsim"), 1, List.of()),
                        Answer.Reason.BAD_SIGNATURE, asked.cosign(SIZE_3.replace("\n3\n", "\n4\n"), 1, List.of()),
                        Answer.Reason.MALFORMED, asked.cosign(SIZE_3, 4, List.of()))
                .entrySet()) {
            assertThat(answer.getValue())
                    .isInstanceOfSatisfying(
                            Answer.Refused.class,
                            refused -> assertThat(refused.reason()).isEqualTo(answer.getKey()));
        }
    }

    @ParameterizedTest
    @CsvSource({
        "500, text/plain, sorry",
        "503, text/plain, later",
        "301, text/plain, elsewhere",
        "204, text/plain, ''",
        "409, text/plain, '7\n'",
        "409, text/x.tlog.size, '7'",
        "409, text/x.tlog.size, '-7\n'",
        "409, text/x.tlog.size, '07\n'",
        "409, text/x.tlog.size, '7\n7\n'",
        "409, text/x.tlog.size, ''"
    })
    void whatIsNoAnswerOfAWitnessIsAFailure(int status, String type, String body) throws Exception {
        URI base = answering(exchange -> {
            byte[] bytes = body.replace("\\n", "\n").getBytes(StandardCharsets.UTF_8);
            exchange.getResponseHeaders().set("Content-Type", type);
            exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
            exchange.getResponseBody().write(bytes);
            exchange.close();
        });

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Witnesses.http(base, KEY).cosign(SIZE_1, 0, List.<Digest>of()));
    }

    @Test
    void anAnswerThatIsTooLongIsCutOff() throws Exception {
        URI base = answering(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            try (OutputStream out = exchange.getResponseBody()) {
                for (int i = 0; i < 1000; i++) {
                    out.write(new byte[10_000]);
                }
            }
        });

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Witnesses.http(base, KEY).newest(ORIGIN))
                .withMessageContaining("65536");
    }

    @Test
    void anAnswerThatDripsIsGivenUp() throws Exception {
        URI base = answering(exchange -> {
            exchange.sendResponseHeaders(200, 0);
            exchange.getResponseBody().write('x');
            exchange.getResponseBody().flush();
            try {
                done.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(
                        () -> new HttpWitness(base, List.of(KEY), Duration.ofMillis(200)).cosign(SIZE_1, 0, List.of()))
                .withMessageContaining("within");
    }

    @Test
    void aWitnessThatIsNotThereIsAFailure() throws Exception {
        URI base = answering(exchange -> {});
        server.close();

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> Witnesses.http(base, KEY).cosign(SIZE_1, 0, List.of()));
    }

    @Test
    void thePrefixKeepsItsPath() throws Exception {
        URI base = answering(exchange -> {
            byte[] path =
                    (exchange.getRequestMethod() + " " + exchange.getRequestURI()).getBytes(StandardCharsets.UTF_8);
            exchange.sendResponseHeaders(200, path.length);
            exchange.getResponseBody().write(path);
            exchange.close();
        });

        for (String prefix : List.of("/w/1", "/w/1/")) {
            assertThat(Witnesses.http(base.resolve(prefix), KEY).cosign(SIZE_1, 0, List.of()))
                    .isEqualTo(new Answer.Cosigned("POST /w/1/add-checkpoint"));
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"ftp://w.example.org", "w.example.org", "https:", "https://w.example.org/?a=b", "http:x"})
    void onlyAddressesOfHttpAreTaken(String address) {
        assertThatIllegalArgumentException().isThrownBy(() -> Witnesses.http(URI.create(address), KEY));
    }

    @Test
    void onlyKeysOfWitnessesAreTaken() {
        assertThatIllegalArgumentException()
                .isThrownBy(() -> Witnesses.http(URI.create("https://w.example.org"), "w+00000000+AA=="));
    }

    @Test
    void onlyOwnWitnessesAreServed() {
        Witness client = Witnesses.http(URI.create("https://w.example.org"), KEY);

        assertThatIllegalArgumentException().isThrownBy(() -> Witnesses.serve(client, loopback()));
    }
}
