package dev.modelops.core.internal.governor;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.state.Fold;
import dev.modelops.core.internal.state.RegistryState;
import dev.modelops.core.internal.state.Snapshot;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.MerkleTree;
import dev.modelops.core.storage.Storages;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A snapshot says what the state is, in one form only, and bytes that are none are refused whatever they are. */
class SnapshotProperties {
    private static byte[] bytes(Snapshot snapshot) throws IOException {
        try (var in = snapshot.encode().open()) {
            return in.readAllBytes();
        }
    }

    private static Snapshot read(byte[] bytes) {
        return Snapshot.decode(new ByteArrayInputStream(bytes), LongLog.ORIGIN);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 2, 255, 256, 257, 700, 2300})
    void whatIsReadIsWhatWasWritten(int size) throws IOException {
        Snapshot snapshot = LongLog.in(Storages.inMemory(), size).growTo(size).snapshot();
        byte[] bytes = bytes(snapshot);
        Snapshot read = read(bytes);
        assertThat(read.state()).isEqualTo(snapshot.state());
        assertThat(read.state().toString()).hasSameSizeAs(snapshot.state().toString());
        assertThat(read.first()).isEqualTo(snapshot.first());
        assertThat(bytes(read)).isEqualTo(bytes);
        assertThat(snapshot.encode().length()).isEqualTo(bytes.length);
        assertThat(snapshot.encode().digest()).isEqualTo(Digest.sha256Of(Bytes.of(bytes)));
    }

    /** If this fails, what a snapshot holds has changed: raise {@link Snapshot#VERSION}, then write the new digest here. */
    @Test
    void aVersionOfTheFoldLeadsToTheSameBytesForEver() throws IOException {
        List<byte[]> bodies = entries();
        RegistryState state = RegistryState.empty();
        MerkleTree tree = new MerkleTree((from, count) -> List.of());
        for (byte[] body : bodies) {
            state = Fold.apply(state, Entry.decode(state.size(), body));
            tree.append(Merkle.leafHash(body));
        }
        Snapshot snapshot = new Snapshot(state, Bytes.of(bodies.get(0)), List.of(), tree.nodes(tree.size()));
        assertThat(snapshot.encode().digest())
                .hasToString("sha256:6ff4eb3f036c8156692787e561c4d6945d6801e602e58ed5f09b552eb388f607");
        assertThat(Snapshot.VERSION).isEqualTo(6);
        assertThat(read(bytes(snapshot)).state()).isEqualTo(state);
    }

    private static List<byte[]> entries() throws IOException {
        try (InputStream in = Objects.requireNonNull(SnapshotProperties.class.getResourceAsStream("entries.jsonl"))) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.getBytes(StandardCharsets.UTF_8))
                    .toList();
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void changedBytesAreAStateAgainOrRefused(long seed) throws IOException {
        byte[] good = bytes(LongLog.in(Storages.inMemory(), seed).growTo(300).snapshot());
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            byte[] bad = good.clone();
            for (int changes = 1 + random.nextInt(3); changes > 0; changes--) {
                bad[random.nextInt(bad.length)] ^= (byte) (1 << random.nextInt(8));
            }
            requireStateOrRefused(bad);
        }
    }

    @Test
    void everyPrefixAndEveryLongerOneIsRefused() throws IOException {
        byte[] good = bytes(LongLog.in(Storages.inMemory(), 5).growTo(60).snapshot());
        for (int length = 0; length < good.length; length++) {
            byte[] cut = Arrays.copyOf(good, length);
            assertThatExceptionOfType(IntegrityException.class).isThrownBy(() -> read(cut));
        }
        assertThatExceptionOfType(IntegrityException.class)
                .isThrownBy(() -> read(Arrays.copyOf(good, good.length + 1)));
    }

    @ParameterizedTest
    @ValueSource(longs = {1, 2})
    void noiseAndClaimsOfGreatLengthAreRefusedInLittleMemory(long seed) throws IOException {
        byte[] good = bytes(LongLog.in(Storages.inMemory(), seed).growTo(50).snapshot());
        Random random = new Random(seed);
        for (int round = 0; round < 500; round++) {
            byte[] bad = good.clone();
            int at = random.nextInt(bad.length);
            for (int i = at; i < Math.min(bad.length, at + 4); i++) {
                bad[i] = (byte) 0xFF;
            }
            requireStateOrRefused(bad);
            byte[] noise = new byte[random.nextInt(400)];
            random.nextBytes(noise);
            System.arraycopy(good, 0, noise, 0, Math.min(9, noise.length));
            requireStateOrRefused(noise);
        }
    }

    private static void requireStateOrRefused(byte[] bytes) throws IOException {
        Snapshot read;
        try {
            read = read(bytes);
        } catch (IntegrityException e) {
            assertThat(e.getMessage()).startsWith("a snapshot of the state cannot be read");
            return;
        }
        assertThat(read(bytes(read)).state()).isEqualTo(read.state());
    }
}
