package dev.modelops.core.internal.tlog;

import dev.modelops.core.internal.crypto.Crypto;
import dev.modelops.signing.Signer;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.bouncycastle.jcajce.interfaces.EdDSAPrivateKey;

/** A log of made-up entries, signed with a fixed key. */
final class TestLog {
    static final String ORIGIN = "example.org/models";

    final List<byte[]> entries = new ArrayList<>();
    final List<byte[]> leaves = new ArrayList<>();
    final MerkleTree tree = new MerkleTree(this::leaves);
    final NoteSigner signer = signer(ORIGIN, 1);
    int ranges;
    int widest;

    TestLog(int size) {
        this(size, "");
    }

    TestLog(int size, String salt) {
        for (int i = 0; i < size; i++) {
            add(("{\"entry\":" + i + salt + "}").getBytes(StandardCharsets.UTF_8));
        }
    }

    void add(byte[] entry) {
        entries.add(entry);
        leaves.add(Merkle.leafHash(entry));
        tree.append(leaves.get(leaves.size() - 1));
    }

    private List<byte[]> leaves(long from, int count) {
        ranges++;
        widest = Math.max(widest, count);
        return leaves.subList((int) from, (int) from + count);
    }

    List<byte[]> entries(long from, int limit) {
        return entries.subList((int) from, (int) Math.min(entries.size(), from + limit));
    }

    CheckpointBody body(long size) {
        return new CheckpointBody(ORIGIN, size, tree.root(size));
    }

    String checkpoint(long size) {
        return signer.sign(body(size).text());
    }

    String receipt(long index, long size) {
        return TlogProof.format(index, tree.inclusionProof(index, size), checkpoint(size));
    }

    static NoteSigner signer(String name, int key) {
        return new NoteSigner(
                name,
                ed25519(NaiveTree.sha256(ByteBuffer.allocate(4).putInt(key).array())));
    }

    static Signer ed25519(byte[] seed) {
        byte[] pkcs8 = HexFormat.of()
                .parseHex("302e020100300506032b657004220420" + HexFormat.of().formatHex(seed));
        try {
            PrivateKey key = KeyFactory.getInstance("Ed25519", Crypto.BOUNCY_CASTLE)
                    .generatePrivate(new PKCS8EncodedKeySpec(pkcs8));
            return Crypto.signer(key, ((EdDSAPrivateKey) key).getPublicKey(), List.of());
        } catch (GeneralSecurityException e) {
            throw new AssertionError(e);
        }
    }
}
