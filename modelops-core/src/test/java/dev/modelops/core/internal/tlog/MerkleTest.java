package dev.modelops.core.internal.tlog;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** The vectors are those of the Certificate Transparency reference implementation. */
class MerkleTest {
    private static final List<byte[]> ENTRIES = Stream.of(
                    "", "00", "10", "2021", "3031", "40414243", "5051525354555657", "606162636465666768696a6b6c6d6e6f")
            .map(HexFormat.of()::parseHex)
            .toList();

    private static final List<String> ROOTS = List.of(
            "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
            "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
            "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
            "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
            "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
            "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
            "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
            "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328");

    private final List<byte[]> leaves = ENTRIES.stream().map(Merkle::leafHash).toList();

    @Test
    void rootsAreThoseOfTheReferenceImplementation() {
        MerkleTree tree = new MerkleTree((from, count) -> leaves.subList((int) from, (int) from + count));
        leaves.forEach(tree::append);
        Frontier frontier = Frontier.empty();
        for (int size = 0; size <= 8; size++) {
            assertThat(tree.root(size)).asHexString().isEqualToIgnoringCase(ROOTS.get(size));
            assertThat(frontier.root()).asHexString().isEqualToIgnoringCase(ROOTS.get(size));
            if (size < 8) {
                frontier = frontier.append(leaves.get(size));
            }
        }
        assertThat(Merkle.emptyRoot()).asHexString().isEqualToIgnoringCase(ROOTS.get(0));
    }

    @ParameterizedTest
    @CsvSource({
        "0, 1, ''",
        "0, 8, 96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
                + " 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
                + " 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        "5, 8, bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b"
                + " ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
                + " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "2, 3, fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
        "1, 5, 6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d"
                + " 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
                + " bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    })
    void inclusionProofsAreThoseOfTheReferenceImplementation(int index, int size, String proof) {
        MerkleTree tree = new MerkleTree((from, count) -> leaves.subList((int) from, (int) from + count));
        leaves.forEach(tree::append);
        assertThat(hex(tree.inclusionProof(index, size))).isEqualTo(words(proof));
        assertThat(Merkle.verifyInclusion(index, size, leaves.get(index), hashes(proof), root(size)))
                .isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1, 1, ''",
        "1, 8, 96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7"
                + " 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
                + " 6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
        "6, 8, 0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
                + " ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0"
                + " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
        "2, 5, 5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e"
                + " bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "6, 7, 0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a"
                + " b08693ec2e721597130641e8211e7eedccb4c26413963eee6c1e2ed16ffb1a5f"
                + " d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    })
    void consistencyProofsAreThoseOfTheReferenceImplementation(int size1, int size2, String proof) {
        MerkleTree tree = new MerkleTree((from, count) -> leaves.subList((int) from, (int) from + count));
        leaves.forEach(tree::append);
        assertThat(hex(tree.consistencyProof(size1, size2))).isEqualTo(words(proof));
        assertThat(Merkle.verifyConsistency(size1, size2, root(size1), root(size2), hashes(proof)))
                .isTrue();
    }

    @Test
    void inclusionFailsForEveryChangeOfTheProof() {
        TestLog log = new TestLog(40);
        for (int size = 1; size <= 40; size++) {
            byte[] root = log.tree.root(size);
            for (int index = 0; index < size; index++) {
                byte[] leaf = log.leaves.get(index);
                List<byte[]> proof = log.tree.inclusionProof(index, size);
                for (List<byte[]> wrong : variants(proof, root, leaf)) {
                    assertThat(Merkle.verifyInclusion(index, size, leaf, wrong, root))
                            .isFalse();
                }
                assertThat(Merkle.verifyInclusion(index, size, log.leaves.get((index + 1) % 40), proof, root))
                        .isFalse();
                assertThat(Merkle.verifyInclusion(index, size, leaf, proof, leaf))
                        .isEqualTo(size == 1);
                for (int other = -1; other <= size; other++) {
                    assertThat(Merkle.verifyInclusion(other, size, leaf, proof, root))
                            .as("index %s of %s as %s", index, size, other)
                            .isEqualTo(other == index);
                }
            }
        }
    }

    @Test
    void consistencyFailsForEveryChangeOfTheProof() {
        TestLog log = new TestLog(40);
        for (int size2 = 1; size2 <= 40; size2++) {
            byte[] root2 = log.tree.root(size2);
            for (int size1 = 1; size1 <= size2; size1++) {
                byte[] root1 = log.tree.root(size1);
                List<byte[]> proof = log.tree.consistencyProof(size1, size2);
                for (List<byte[]> wrong : variants(proof, root1, root2)) {
                    assertThat(Merkle.verifyConsistency(size1, size2, root1, root2, wrong))
                            .isFalse();
                }
                byte[] stranger = log.leaves.get(39);
                assertThat(Merkle.verifyConsistency(size1, size2, stranger, root2, proof))
                        .isFalse();
                assertThat(Merkle.verifyConsistency(size1, size2, root1, stranger, proof))
                        .isFalse();
                assertThat(Merkle.verifyConsistency(size1, size2, root2, root1, proof))
                        .isEqualTo(size1 == size2);
                for (int other = -1; other <= size2 + 1; other++) {
                    assertThat(Merkle.verifyConsistency(other, size2, root1, root2, proof))
                            .as("%s to %s as %s", size1, size2, other)
                            .isEqualTo(other == size1);
                }
            }
        }
    }

    @Test
    void sizeTakesPartInTheLengthOfAProof() {
        TestLog log = new TestLog(8);
        List<byte[]> proof = log.tree.inclusionProof(0, 8);
        for (long size : new long[] {0, 1, 2, 3, 4, 9, 16, 17, Long.MAX_VALUE}) {
            assertThat(Merkle.verifyInclusion(0, size, log.leaves.get(0), proof, log.tree.root(8)))
                    .isFalse();
        }
    }

    @Test
    void nothingIsConsistentWithTheEmptyTreeHere() {
        TestLog log = new TestLog(3);
        assertThat(Merkle.verifyConsistency(0, 3, Merkle.emptyRoot(), log.tree.root(3), List.of()))
                .isFalse();
        assertThat(Merkle.verifyConsistency(0, 0, Merkle.emptyRoot(), Merkle.emptyRoot(), List.of()))
                .isFalse();
    }

    @Test
    void proofsOfTheLargestTreesAreChecked() {
        long size = Long.MAX_VALUE;
        List<byte[]> proof = new ArrayList<>();
        byte[] root = leaves.get(0);
        for (int level = 0; level < 63; level++) {
            proof.add(leaves.get(level % 8));
            root = Merkle.nodeHash(leaves.get(level % 8), root);
        }
        // The last of 2^63 - 1 leaves has a sibling on the left at every level but the lowest.
        assertThat(Merkle.verifyInclusion(size - 1, size, leaves.get(0), proof, root))
                .isFalse();
        byte[] shorter = leaves.get(0);
        for (byte[] hash : proof.subList(0, 62)) {
            shorter = Merkle.nodeHash(hash, shorter);
        }
        assertThat(Merkle.verifyInclusion(size - 1, size, leaves.get(0), proof.subList(0, 62), shorter))
                .isTrue();
    }

    @Test
    void hashesOfAnotherLengthNeverVerify() {
        byte[] leaf = leaves.get(0);
        byte[] shortHash = new byte[31];
        assertThat(Merkle.verifyInclusion(0, 1, shortHash, List.of(), shortHash))
                .isFalse();
        assertThat(Merkle.verifyInclusion(0, 2, leaf, List.of(shortHash), leaf)).isFalse();
        assertThat(Merkle.verifyInclusion(0, 2, leaf, List.of(new byte[33]), leaf))
                .isFalse();
        assertThat(Merkle.verifyConsistency(1, 1, shortHash, shortHash, List.of()))
                .isFalse();
        assertThat(Merkle.verifyConsistency(1, 2, leaf, leaf, List.of(shortHash)))
                .isFalse();
        assertThatIllegalArgumentException().isThrownBy(() -> Merkle.nodeHash(leaf, shortHash));
        assertThatIllegalArgumentException().isThrownBy(() -> Merkle.nodeHash(new byte[33], leaf));
    }

    private static List<List<byte[]>> variants(List<byte[]> proof, byte[] extra, byte[] other) {
        List<List<byte[]>> variants = new ArrayList<>();
        for (byte[] added : List.of(extra, other)) {
            List<byte[]> longer = new ArrayList<>(proof);
            longer.add(added);
            variants.add(longer);
            longer = new ArrayList<>(proof);
            longer.add(0, added);
            variants.add(longer);
        }
        for (int i = 0; i < proof.size(); i++) {
            List<byte[]> shorter = new ArrayList<>(proof);
            shorter.remove(i);
            variants.add(shorter);
            List<byte[]> changed = new ArrayList<>(proof);
            byte[] bytes = proof.get(i).clone();
            bytes[i] ^= 1;
            changed.set(i, bytes);
            variants.add(changed);
            if (i > 0) {
                List<byte[]> swapped = new ArrayList<>(proof);
                swapped.set(i, proof.get(i - 1));
                swapped.set(i - 1, proof.get(i));
                variants.add(swapped);
            }
        }
        return variants;
    }

    private static byte[] root(int size) {
        return HexFormat.of().parseHex(ROOTS.get(size));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" "));
    }

    private static List<byte[]> hashes(String text) {
        return words(text).stream().map(HexFormat.of()::parseHex).toList();
    }

    private static List<String> hex(List<byte[]> hashes) {
        return hashes.stream().map(HexFormat.of()::formatHex).toList();
    }
}
