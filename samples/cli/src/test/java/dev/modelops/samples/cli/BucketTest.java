package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.ModelOps;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.core.storage.S3Location;
import dev.modelops.registry.VersionSpec;
import dev.modelops.testkit.fixtures.Models;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import org.gaul.s3proxy.S3Proxy;
import org.gaul.s3proxy.auth.AuthenticationType;
import org.gaul.s3proxy.nio2blob.TransientNio2BlobStore;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Stores whose blobs are in a bucket. */
class BucketTest {
    private static final Principal ADA = Principal.of("example.org", "ada");

    /** Where the Amazon SDK looks for a key, besides the environment. */
    private static final Map<String, String> CREDENTIALS =
            Map.of("aws.accessKeyId", "local-identity", "aws.secretAccessKey", "local-credential");

    @TempDir
    Path dir;

    private static Run run(Object... arguments) {
        String[] texts = new String[arguments.length];
        for (int i = 0; i < arguments.length; i++) {
            texts[i] = arguments[i].toString();
        }
        return Run.of(Store::open, texts);
    }

    @Test
    void anAddressNamesBucketPrefixEndpointAndRegion() {
        S3Location plain =
                Objects.requireNonNull(BlobAddress.parse("s3://models").bucket());
        assertThat(plain.bucket()).isEqualTo("models");
        assertThat(plain.prefix()).isEmpty();
        assertThat(plain.endpoint()).isEmpty();
        assertThat(plain.region()).isEmpty();
        assertThat(plain.isPathStyle()).isFalse();
        S3Location full = Objects.requireNonNull(
                BlobAddress.parse("s3://models/prod/risk?endpoint=https://s3.bank.example:9000&region=eu-central-1")
                        .bucket());
        assertThat(full.prefix()).isEqualTo("prod/risk/");
        assertThat(full.endpoint()).contains(URI.create("https://s3.bank.example:9000"));
        assertThat(full.region()).contains("eu-central-1");
        assertThat(full.isPathStyle()).isTrue();
        assertThat(BlobAddress.parse("some/folder").bucket()).isNull();
    }

    @Test
    void aStoreIsCopiedIntoABucketVerifiedThereAndCopiedBack() throws Exception {
        Path store = dir.resolve("store");
        try (ModelOps ops = ModelOps.embedded(store)) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.as(ADA).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
        }
        Path key = Files.copy(store.resolve("log.vkey"), dir.resolve("pinned.vkey"));
        TransientNio2BlobStore objects = new TransientNio2BlobStore();
        S3Proxy server = S3Proxy.builder()
                .blobStore(objects)
                .endpoint(URI.create("http://127.0.0.1:0"))
                .awsAuthentication(AuthenticationType.AWS_V2_OR_V4, "local-identity", "local-credential")
                .build();
        server.start();
        CREDENTIALS.forEach(System::setProperty);
        try {
            var unused = objects.createContainer("models");
            String bucket = "s3://models/copy?region=us-east-1&endpoint=http://127.0.0.1:" + server.getPort();
            Path copy = dir.resolve("copy");
            Run copied = run("store", "copy", "--from", store, "--to", copy, "--blobs", bucket, "--log-key", key);
            assertThat(copied.exitCode()).as(copied.err()).isZero();
            assertThat(copy.resolve("blobs")).doesNotExist();
            Run verified = run("log", "verify", "--store", copy, "--blobs", bucket, "--log-key", key);
            assertThat(verified.exitCode()).as(verified.out() + verified.err()).isZero();

            Path back = dir.resolve("back");
            Run returned = run("store", "copy", "--from", copy, "--from-blobs", bucket, "--to", back, "--log-key", key);
            assertThat(returned.exitCode()).as(returned.err()).isZero();
            assertThat(run("log", "verify", "--store", back, "--log-key", key).exitCode())
                    .isZero();
            Run missing = run(
                    "log", "verify", "--store", copy, "--blobs", bucket.replace("/copy", "/none"), "--log-key", key);
            assertThat(missing.exitCode()).isEqualTo(1);
            assertThat(missing.out() + missing.err()).contains("missing").doesNotContain("unexpectedly");
        } finally {
            CREDENTIALS.keySet().forEach(System::clearProperty);
            server.stop();
            objects.close();
        }
    }

    @Test
    void anAddressThatIsNoFolderAndNoBucketMakesNothing() throws IOException {
        Run run = run("log", "show", "--store", dir, "--blobs", "gs://models/x");
        assertThat(run.exitCode()).isEqualTo(2);
        assertThat(run.err()).contains("expected a folder, or a bucket such as s3://");
        try (var files = Files.list(dir)) {
            assertThat(files).isEmpty();
        }
    }
}
