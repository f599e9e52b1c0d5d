package dev.modelops.samples.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.ModelOps;
import dev.modelops.Principal;
import dev.modelops.Role;
import dev.modelops.audit.Checkpoint;
import dev.modelops.core.storage.Blobs;
import dev.modelops.registry.VersionSpec;
import dev.modelops.storage.BlobStore;
import dev.modelops.testkit.fixtures.Models;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
    private static final Principal ADA = Principal.of("example.org", "ada");

    @TempDir
    Path dir;

    private Path store;
    private Path key;
    private Path checkpoint;
    private Digest orphan;

    @BeforeEach
    void leaveAnOrphan() throws IOException {
        store = dir.resolve("store");
        try (ModelOps ops = ModelOps.embedded(store)) {
            ops.registry().grantRole(ADA, Role.DATA_SCIENTIST);
            ops.as(ADA).registry().register(VersionSpec.of("risk", Models.small(dir.resolve("model"))));
            Checkpoint newest = ops.audit().checkpoint();
            checkpoint = Files.writeString(dir.resolve("checkpoint"), newest.note());
        }
        key = Files.copy(store.resolve("log.vkey"), dir.resolve("pinned.vkey"));
        orphan = put("left behind");
        put("just now");
        String hex = orphan.toHex();
        Files.setLastModifiedTime(
                store.resolve("blobs/sha256/" + hex.substring(0, 2) + "/" + hex.substring(2)),
                FileTime.from(Instant.now().minus(Duration.ofDays(3))));
    }

    private Digest put(String text) {
        Bytes content = Bytes.ofUtf8(text);
        Digest digest = Digest.sha256Of(content);
        try (BlobStore blobs = Blobs.directory(store.resolve("blobs"))) {
            blobs.put(digest, new ByteArrayInputStream(content.toByteArray()));
        }
        return digest;
    }

    private boolean isThere() {
        try (BlobStore blobs = Blobs.directory(store.resolve("blobs"))) {
            return blobs.contains(orphan);
        }
    }

    private Run sweep(String... more) {
        String[] all = new String[more.length + 8];
        String[] base = {
            "store",
            "sweep",
            "--store",
            store.toString(),
            "--log-key",
            key.toString(),
            "--memory",
            checkpoint.toString()
        };
        System.arraycopy(base, 0, all, 0, base.length);
        System.arraycopy(more, 0, all, base.length, more.length);
        return Run.of(Store::open, all);
    }

    @Test
    void nothingIsRemovedUnlessItIsAskedFor() {
        Run dry = sweep();
        assertThat(dry.exitCode()).as(dry.err()).isZero();
        assertThat(dry.out())
                .contains("4 blobs are named by entries, 1 other is too young to tell.")
                .contains("Would remove 1 blob of 11 bytes that no entry names:", "  " + orphan, "add --delete");
        assertThat(isThere()).isTrue();
        assertThat(sweep("--grace", "4d").out()).contains("Would remove 0 blobs of 0 bytes that no entry names.");

        Run removed = sweep("--delete", "--json");
        assertThat(removed.exitCode()).as(removed.err()).isZero();
        assertThat(removed.json().get("removed").asBoolean()).isTrue();
        assertThat(removed.json().get("orphans").asLong()).isEqualTo(1);
        assertThat(removed.json().get("digests").get(0).asText()).isEqualTo(orphan.toString());
        assertThat(isThere()).isFalse();
        assertThat(Run.of(Store::open, "log", "verify", "--store", store.toString(), "--log-key", key.toString())
                        .exitCode())
                .isZero();
    }

    @Test
    void aLogThatIsNotRememberedIsNotSwept() throws IOException {
        checkpoint = Files.createDirectory(dir.resolve("empty"));
        Run forgotten = sweep("--delete");
        assertThat(forgotten.exitCode()).isEqualTo(1);
        assertThat(forgotten.err()).contains("no checkpoint of this log is remembered");
        assertThat(isThere()).isTrue();
        checkpoint = Files.writeString(dir.resolve("nonsense"), "nonsense");
        Run nonsense = sweep("--delete");
        assertThat(nonsense.exitCode()).isEqualTo(1);
        assertThat(nonsense.err()).contains("nonsense holds no checkpoint: ");
    }
}
