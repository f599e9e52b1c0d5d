package dev.modelops.core.internal.state;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.tlog.TreeNodes;
import dev.modelops.storage.StorageException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * A state with what it takes to go on from it: the entries that say whose log it is and who may write to it, and the nodes
 * of the tree. As bytes it has one form for each state, so that two are the same if their digests are. Reading one
 * proves nothing: it is as good as the digest it is held against.
 *
 * @param first the bytes of the first entry
 * @param ceremonies the bytes of the entries by which root keys changed what the first entry says: one for each epoch that
 *     ended by a recovery, and one for each trust policy, in the order of the log
 */
public record Snapshot(RegistryState state, Bytes first, List<Bytes> ceremonies, TreeNodes tree) {
    /**
     * The version of the fold and of the form. It must change with every change to what {@link Fold} leads to or to how that
     * is written; a snapshot of another version is not read, and the log is folded from its beginning.
     */
    public static final int VERSION = 6;

    /** The most bytes that are read or written. */
    public static final long MOST_BYTES = 1L << 30;

    private static final int MOST_CEREMONIES = 10_000;

    private static final byte[] MAGIC = {'M', 'O', 'P', 'S', 's', 't', 'a', 't'};

    /** A snapshot as bytes. */
    public static final class Encoded {
        private final BinaryWriter out;
        private final Digest digest;

        private Encoded(BinaryWriter out) {
            this.out = out;
            this.digest = out.digest();
        }

        /** Returns the SHA-256 digest of the bytes. */
        public Digest digest() {
            return digest;
        }

        /** Returns how many bytes there are. */
        public long length() {
            return out.length();
        }

        /** Returns the bytes, from their beginning. */
        public InputStream open() {
            return out.open();
        }
    }

    /**
     * Creates a snapshot; {@link IllegalArgumentException} unless state and tree are of the same size, at least 1, and there
     * is an entry for each epoch that ended and each trust policy.
     */
    public Snapshot {
        ceremonies = List.copyOf(ceremonies);
        if (ceremonies.size() != ceremonies(state).size()) {
            throw new IllegalArgumentException("root keys changed the log "
                    + ceremonies(state).size() + " times, but " + ceremonies.size() + " entries about that were given");
        }
        if (state.size() < 1 || state.size() != tree.size()) {
            throw new IllegalArgumentException(
                    "state and tree must have the same size, but had " + state.size() + " and " + tree.size());
        }
    }

    /** Returns the indexes of the entries by which root keys changed what the first entry of a log says, ascending. */
    public static List<Long> ceremonies(RegistryState state) {
        Founding founding = state.founding();
        return Stream.concat(
                        founding.past().stream().map(Epoch::size),
                        founding.trust().installed().stream()
                                .map(installed -> installed.position().index()))
                .sorted()
                .toList();
    }

    /** Returns the snapshot as bytes. */
    public Encoded encode() {
        BinaryWriter out = new BinaryWriter();
        out.bytes(MAGIC);
        out.number(VERSION);
        out.number(state.size());
        out.block(first.toByteArray());
        List<Long> indexes = ceremonies(state);
        out.number(ceremonies.size());
        for (int i = 0; i < ceremonies.size(); i++) {
            out.number(indexes.get(i));
            out.block(ceremonies.get(i).toByteArray());
        }
        out.bytes(tree.blocks());
        tree.leaves().forEach(out::bytes);
        new StateWriter(out).write(state);
        return new Encoded(out);
    }

    /**
     * Reads a snapshot of a log from bytes that may be anything. Does not close them.
     *
     * @param origin the origin of the log, in the epoch of the snapshot or a later one
     * @throws IntegrityException if they are no snapshot of this version and of that log
     * @throws StorageException if their source fails
     */
    public static Snapshot decode(InputStream in, String origin) {
        BinaryReader reader = new BinaryReader(in, MOST_BYTES);
        try {
            for (byte expected : MAGIC) {
                if (reader.octet() != expected) {
                    throw new IllegalArgumentException("it does not begin as one");
                }
            }
            long version = reader.number();
            if (version != VERSION) {
                throw new IllegalArgumentException(
                        "it is of version " + version + ", this release reads version " + VERSION);
            }
            long size = reader.upTo(Long.MAX_VALUE);
            Bytes first = Bytes.of(reader.block(Entry.MAX_BYTES));
            Founding founding = Founding.read(Entry.decode(0, first.toByteArray()));
            if (!founding.origin().equals(origin) && !origin.startsWith(founding.origin() + "/")) {
                throw new IllegalArgumentException(
                        "it is of log '" + founding.origin() + "', expected was '" + origin + "'");
            }
            List<Bytes> ceremonies = new ArrayList<>();
            long last = 0;
            for (int left = reader.count(MOST_CEREMONIES); left > 0; left--) {
                long index = reader.upTo(size - 1);
                Bytes body = Bytes.of(reader.block(Entry.MAX_BYTES));
                Entry entry = Entry.decode(index, body.toByteArray());
                if (index <= last) {
                    throw new IllegalArgumentException("entry " + index + " stands after entry " + last);
                }
                founding = changed(founding, entry);
                ceremonies.add(body);
                last = index;
            }
            TreeNodes tree = TreeNodes.read(size, reader::bytes);
            RegistryState state = new StateReader(reader, size, founding).read();
            reader.requireEnd();
            return new Snapshot(state, first, ceremonies, tree);
        } catch (BinaryReader.SourceException e) {
            throw new StorageException("a snapshot of the state could not be read: " + e.getMessage(), e);
        } catch (RuntimeException e) {
            // Every value checks itself, each in its own way.
            throw new IntegrityException("a snapshot of the state cannot be read: " + e.getMessage(), e);
        }
    }

    /** Root keys are believed by their signatures, whoever stored the snapshot. */
    private static Founding changed(Founding founding, Entry entry) {
        return switch (entry.type()) {
            case LOG_RECOVERED -> founding.recovered(entry);
            case TRUST_INSTALLED -> founding.trusted(entry);
            default ->
                throw new IllegalArgumentException(
                        "entry " + entry.index() + " is neither a recovery nor a trust policy");
        };
    }
}
