package dev.modelops.core.internal.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.assertj.core.api.Assertions.assertThatIOException;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.core.storage.Blobs;
import dev.modelops.core.storage.S3Location;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Random;
import java.util.function.Predicate;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/** An object store that fails, hangs, breaks off or alters what passes: what was acknowledged is there, and nothing else. */
class S3FaultsTest {
    private static final Bytes SMALL = Bytes.ofUtf8("some content");
    private static final Bytes LARGE = random(6 << 20);
    private static final Predicate<String> ANY = head -> true;
    private static final int ALWAYS = Integer.MAX_VALUE;

    private static ObjectStore server;

    @TempDir
    Path folder;

    private FaultyNetwork network;
    private S3Location place;
    private BlobStore store;
    private BlobStore beyond;

    @BeforeAll
    static void startServer() throws Exception {
        server = ObjectStore.startLocal();
    }

    @AfterAll
    static void stopServer() throws Exception {
        server.close();
    }

    @BeforeEach
    void open() throws IOException {
        network = new FaultyNetwork(server.port());
        place = server.newPlace();
        beyond = Blobs.s3(place);
        store = Blobs.s3(place.endpoint(network.address()).patience(Duration.ofSeconds(20)));
    }

    @AfterEach
    void close() throws IOException {
        store.close();
        beyond.close();
        network.close();
    }

    private static Bytes random(int length) {
        byte[] bytes = new byte[length];
        new Random(11).nextBytes(bytes);
        return Bytes.of(bytes);
    }

    private static Predicate<String> method(String method) {
        return head -> head.startsWith(method + " ");
    }

    private static Predicate<String> part() {
        return head -> head.startsWith("PUT ") && head.contains("partNumber=");
    }

    private static Predicate<String> completion() {
        return head -> head.startsWith("POST ") && head.contains("uploadId=");
    }

    private Digest put(Bytes content) {
        Digest digest = Digest.sha256Of(content);
        store.put(digest, new ByteArrayInputStream(content.toByteArray()));
        return digest;
    }

    private static Bytes read(BlobStore from, Digest digest) throws IOException {
        try (InputStream content = from.open(digest)) {
            return Bytes.of(content.readAllBytes());
        }
    }

    /** An upload whose beginning was answered to nobody stays behind, in the place of the test that lost the answer. */
    private void requireNoUploads() {
        assertThat(server.objects().listMultipartUploads("modelops"))
                .noneMatch(upload -> upload.key().startsWith(place.prefix()));
    }

    private void requireNothingLeft() {
        List<Object> blobs = new ArrayList<>();
        beyond.list(blobs::add);
        assertThat(blobs).isEmpty();
        requireNoUploads();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 502, 503, 429})
    void failuresThatPassAreNotNoticed(int status) throws IOException {
        for (String method : List.of("PUT", "GET", "HEAD", "POST", "DELETE")) {
            network.plan(2, method(method), FaultyNetwork.answers(status, method.equals("HEAD") ? "" : "SlowDown"));
        }
        Digest digest = put(SMALL);
        assertThat(store.contains(digest)).isTrue();
        assertThat(read(store, digest)).isEqualTo(SMALL);
        List<Digest> listed = new ArrayList<>();
        store.list(blob -> listed.add(blob.digest()));
        assertThat(listed).containsExactly(digest);
        assertThat(store.delete(digest)).isTrue();
        assertThat(store.contains(digest)).isFalse();
    }

    @ParameterizedTest
    @ValueSource(ints = {500, 503})
    void failuresThatLastAreReported(int status) throws IOException {
        network.plan(ALWAYS, ANY, FaultyNetwork.answers(status, ""));

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> put(SMALL))
                .withMessageContaining(status + " ")
                .withMessageContaining("try again later");
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> store.contains(Digest.sha256Of(SMALL)));
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> store.open(Digest.sha256Of(SMALL)));
        requireNothingLeft();

        network.heal();
        assertThat(read(store, put(SMALL))).isEqualTo(SMALL);
    }

    @Test
    void aPutWhoseAnswerIsLostIsThere() throws IOException {
        network.plan(2, method("PUT"), FaultyNetwork.losesTheAnswer());

        assertThat(read(beyond, put(SMALL))).isEqualTo(SMALL);
    }

    @Test
    void anUploadInPartsWhoseAnswersAreLostIsThere() throws IOException {
        network.plan(1, part(), FaultyNetwork.losesTheAnswer());
        network.plan(1, completion(), FaultyNetwork.losesTheAnswer());

        assertThat(read(beyond, put(LARGE))).isEqualTo(LARGE);
        requireNoUploads();
    }

    @Test
    void anUploadThatFailsLeavesNothing() {
        network.plan(ALWAYS, head -> head.contains("partNumber=2"), FaultyNetwork.answers(500, "InternalError"));

        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> put(LARGE));

        requireNothingLeft();
    }

    @Test
    void anUploadWhoseContentBreaksOffOrIsAnotherLeavesNothing() {
        InputStream broken = new SequenceInputStream(new ByteArrayInputStream(LARGE.toByteArray()), new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("cut");
            }
        });
        assertThatExceptionOfType(StorageException.class).isThrownBy(() -> store.put(Digest.sha256Of(LARGE), broken));
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> store.put(Digest.sha256Of(SMALL), new ByteArrayInputStream(LARGE.toByteArray())));

        requireNothingLeft();
    }

    @Test
    void whatIsAlteredOnItsWayUpIsNeverStored() throws IOException {
        network.plan(1, method("PUT"), FaultyNetwork.altersTheRequestAt(3));
        try {
            put(SMALL);
            assertThat(read(beyond, Digest.sha256Of(SMALL))).isEqualTo(SMALL);
        } catch (StorageException e) {
            requireNothingLeft();
        }
        network.heal();
        network.plan(1, part(), FaultyNetwork.altersTheRequestAt(1_000_000));
        try {
            put(LARGE);
            assertThat(read(beyond, Digest.sha256Of(LARGE))).isEqualTo(LARGE);
        } catch (StorageException e) {
            assertThat(beyond.contains(Digest.sha256Of(LARGE))).isFalse();
        }
        network.heal();
        assertThat(read(beyond, put(LARGE))).isEqualTo(LARGE);
    }

    @ParameterizedTest
    @ValueSource(ints = {0, 1, 70_000, 5_500_000, (6 << 20) - 1})
    void aDownloadThatBreaksOffIsReadOn(int after) throws IOException {
        Digest digest = put(LARGE);
        network.plan(3, method("GET"), FaultyNetwork.cutsTheAnswerAfter(after));

        assertThat(read(store, digest)).isEqualTo(LARGE);
    }

    @Test
    void aDownloadThatAlwaysBreaksOffFailsAndNeverEndsEarly() throws IOException {
        Digest digest = put(SMALL);
        network.plan(ALWAYS, method("GET"), FaultyNetwork.cutsTheAnswerAfter(0));

        assertThatIOException().isThrownBy(() -> read(store, digest)).withMessageContaining("broke off");
    }

    @Test
    void theRestOfAnotherObjectIsNotTakenForTheRestOfThisOne() throws IOException {
        Digest digest = put(LARGE);
        network.plan(1, method("GET"), FaultyNetwork.cutsTheAnswerAfter(1_000));
        network.plan(ALWAYS, method("GET"), exchange -> FaultyNetwork.answer(200, "Whatever", ""));

        assertThatIOException().isThrownBy(() -> read(store, digest)).withMessageContaining("was asked for");
    }

    @Test
    void anAnswerThatDoesNotSayHowLongItIsIsNotRead() throws IOException {
        Digest digest = put(SMALL);
        FaultyNetwork.Fault withoutLength = exchange ->
                ("HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + SMALL.toUtf8()).getBytes(StandardCharsets.US_ASCII);
        network.plan(1, method("GET"), withoutLength);
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> store.open(digest))
                .withMessageContaining("did not say how long");

        network.plan(1, method("GET"), FaultyNetwork.cutsTheAnswerAfter(0));
        network.plan(1, method("GET"), withoutLength);
        assertThatIOException().isThrownBy(() -> read(store, digest)).withMessageContaining("was asked for");

        network.plan(ALWAYS, method("HEAD"), withoutLength);
        network.plan(1, method("PUT"), FaultyNetwork.answers(412, "PreconditionFailed"));
        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> put(SMALL))
                .withMessageContaining("another length");
    }

    @Test
    void whatIsAlteredOnItsWayDownIsNotHandedOutByACache() throws IOException {
        Digest digest = put(SMALL);
        try (BlobStore cached = Blobs.cached(Blobs.s3(place.endpoint(network.address())), folder, 1 << 20)) {
            network.plan(1, method("GET"), FaultyNetwork.altersTheAnswerAt(5));

            assertThat(read(cached, digest)).isEqualTo(SMALL);
        }
    }

    @Test
    void aStoreThatHangsIsGivenUp() throws IOException {
        Digest digest = put(SMALL);
        try (BlobStore patient = Blobs.s3(place.endpoint(network.address()).patience(Duration.ofSeconds(5)))) {
            network.plan(1, ANY, FaultyNetwork.hangs());
            assertThat(patient.contains(digest)).isTrue();
        }
        try (BlobStore impatient = Blobs.s3(place.endpoint(network.address()).patience(Duration.ofMillis(300)))) {
            network.plan(ALWAYS, ANY, FaultyNetwork.hangs());
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> impatient.contains(digest))
                    .withMessageContaining("could not be asked");
        }
    }

    @Test
    void aServerThatKnowsNoConditionsStillTakesBlobs() throws IOException {
        Predicate<String> conditional = head -> head.toLowerCase(Locale.ROOT).contains("if-none-match");
        network.plan(ALWAYS, conditional, FaultyNetwork.answers(501, "NotImplemented"));

        assertThat(read(beyond, put(SMALL))).isEqualTo(SMALL);
        assertThat(read(beyond, put(SMALL))).isEqualTo(SMALL);
        assertThat(read(beyond, put(LARGE))).isEqualTo(LARGE);
        assertThat(read(beyond, put(LARGE))).isEqualTo(LARGE);
    }

    @Test
    void aBlobOfWhichAPartIsStoredIsNotTakenForWhole() {
        Digest digest = Digest.sha256Of(SMALL);
        var unused = server.objects()
                .putBlob(
                        PutObjectRequest.builder()
                                .bucket("modelops")
                                .key(place.prefix() + "sha256/" + digest.toHex())
                                .contentLength(4L)
                                .build(),
                        new ByteArrayInputStream(new byte[4]));

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> put(SMALL))
                .withMessageContaining("another length");
    }

    @Test
    void aMissingBucketIsNoMissingBlob() {
        S3Location nowhere = S3Location.bucket("no-such-bucket")
                .endpoint(place.endpoint().orElseThrow())
                .pathStyle()
                .credentials(place.credentials().orElseThrow());
        try (BlobStore lost = Blobs.s3(nowhere)) {
            Digest digest = Digest.sha256Of(SMALL);
            for (Runnable call : List.<Runnable>of(
                    () -> lost.put(digest, new ByteArrayInputStream(SMALL.toByteArray())),
                    () -> lost.contains(digest),
                    () -> lost.open(digest),
                    () -> lost.delete(digest),
                    () -> lost.list(blob -> {}))) {
                assertThatExceptionOfType(StorageException.class)
                        .isThrownBy(call::run)
                        .withMessageContaining("no-such-bucket")
                        .withMessageContaining("create it, or correct its name");
            }
        }
    }

    @Test
    void wrongCredentialsAreSaidToBeWrongAndNotShown() {
        try (BlobStore stranger = Blobs.s3(place.credentials("local-identity", "not-the-secret"))) {
            assertThatThrownBy(() -> stranger.contains(Digest.sha256Of(SMALL)))
                    .isInstanceOf(StorageException.class)
                    .hasMessageContaining("access was refused")
                    .hasMessageNotContaining("not-the-secret");
        }
        assertThat(place.credentials("id", "not-the-secret").toString()).doesNotContain("not-the-secret");
        assertThat(new S3Location.Credentials("id", "not-the-secret", null).toString())
                .doesNotContain("not-the-secret");
    }

    @Test
    void anotherRegionIsNamed() {
        network.plan(
                ALWAYS,
                ANY,
                exchange -> FaultyNetwork.answer(301, "PermanentRedirect", "x-amz-bucket-region: eu-north-1\r\n"));

        assertThatExceptionOfType(StorageException.class)
                .isThrownBy(() -> put(SMALL))
                .withMessageContaining("name region eu-north-1");
    }

    @Test
    void aBucketOfManyPagesIsListedWhole() {
        int count = 1_050;
        for (int i = 0; i < count; i++) {
            var unused = server.objects()
                    .putBlob(
                            PutObjectRequest.builder()
                                    .bucket("modelops")
                                    .key(place.prefix() + "sha256/"
                                            + Digest.sha256Of(Bytes.ofUtf8("blob " + i))
                                                    .toHex())
                                    .contentLength(1L)
                                    .build(),
                            new ByteArrayInputStream(new byte[1]));
        }
        List<Digest> listed = new ArrayList<>();
        store.list(blob -> listed.add(blob.digest()));

        assertThat(listed).hasSize(count).doesNotHaveDuplicates();
    }

    @Test
    void aCallerInterruptedAgainAndAgainStillGetsItsBlobsAcross() throws Exception {
        Thread caller = Thread.currentThread();
        Thread nuisance = new Thread(() -> {
            for (int i = 0; i < 10; i++) {
                caller.interrupt();
                Uninterruptibles.sleepUninterruptibly(Duration.ofMillis(25));
            }
        });
        Thread.currentThread().interrupt();
        nuisance.start();
        try {
            Digest digest = put(LARGE);
            assertThat(read(store, digest)).isEqualTo(LARGE);
            assertThat(Thread.currentThread().isInterrupted()).isTrue();
        } finally {
            Uninterruptibles.joinUninterruptibly(nuisance);
            var unused = Thread.interrupted();
        }
    }

    @Test
    void nothingIsAskedBeforeTheStoreIsUsed() {
        try (BlobStore nobodyThere = Blobs.s3(S3Location.bucket("models")
                .endpoint(URI.create("http://127.0.0.1:9"))
                .credentials("id", "secret"))) {
            assertThatExceptionOfType(StorageException.class)
                    .isThrownBy(() -> nobodyThere.contains(Digest.sha256Of(SMALL)))
                    .withMessageContaining("could not be asked");
        }
        assertThatExceptionOfType(NotFoundException.class).isThrownBy(() -> beyond.open(Digest.sha256Of(SMALL)));
    }
}
