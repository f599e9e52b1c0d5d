package dev.modelops.samples.storage;

import dev.modelops.Digest;
import dev.modelops.IntegrityException;
import dev.modelops.NotFoundException;
import dev.modelops.samples.storage.Database.Row;
import dev.modelops.storage.BlobStore;
import dev.modelops.storage.StorageException;
import dev.modelops.storage.StoredBlob;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.sql.SQLIntegrityConstraintViolationException;
import java.time.Duration;
import java.util.List;
import java.util.function.Consumer;
import javax.sql.DataSource;

/** Blobs in a HyperSQL database: in pieces that nobody sees until a row with the digest names them. */
public final class HsqldbBlobStore implements BlobStore {
    private static final int PIECE = 1 << 20;
    private static final List<String> SCHEMA = List.of(
            "SET FILES WRITE DELAY FALSE",
            "CREATE SEQUENCE IF NOT EXISTS upload AS BIGINT",
            "CREATE CACHED TABLE IF NOT EXISTS piece"
                    + " (upload BIGINT, number INT, bytes VARBINARY(1048576), PRIMARY KEY (upload, number))",
            "CREATE CACHED TABLE IF NOT EXISTS content (digest CHAR(71) PRIMARY KEY, upload BIGINT,"
                    + " length BIGINT, since TIMESTAMP WITH TIME ZONE DEFAULT CURRENT_TIMESTAMP)");
    private static final Row<Long> NUMBER = row -> row.getLong(1);

    private final Database database;

    /** Opens the blobs in a database, which is prepared for them if need be. */
    public HsqldbBlobStore(DataSource connections) {
        database = new Database(connections, SCHEMA);
    }

    @Override
    public void put(Digest digest, InputStream content) {
        String name = requireSha256(digest);
        long upload = database.select(NUMBER, "VALUES (NEXT VALUE FOR upload)").get(0);
        boolean named = false;
        try {
            MessageDigest sha256 = MessageDigest.getInstance("SHA-256");
            long length = 0;
            for (byte[] piece = content.readNBytes(PIECE); piece.length > 0; piece = content.readNBytes(PIECE)) {
                sha256.update(piece);
                database.update("INSERT INTO piece VALUES (?, ?, ?)", upload, length / PIECE, piece);
                length += piece.length;
            }
            Digest found = Digest.sha256(sha256.digest());
            if (!found.equals(digest)) {
                throw new IntegrityException("expected content with the digest " + digest + ", found " + found);
            }
            String insert = "INSERT INTO content (digest, upload, length) VALUES (?, ?, ?)";
            named = database.update(insert, name, upload, length) == 1;
        } catch (IOException e) {
            throw new StorageException("the content could not be read to its end", e);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        } catch (StorageException e) {
            // Somebody else was first.
            if (!(e.getCause() instanceof SQLIntegrityConstraintViolationException)) {
                throw e;
            }
        } finally {
            if (!named) {
                database.update("DELETE FROM piece WHERE upload = ?", upload);
            }
        }
    }

    @Override
    public InputStream open(Digest digest) {
        List<Long> uploads = uploads(digest);
        if (uploads.isEmpty()) {
            throw new NotFoundException("there is no content with the digest " + digest);
        }
        return new Pieces(uploads.get(0));
    }

    @Override
    public boolean contains(Digest digest) {
        return !uploads(digest).isEmpty();
    }

    @Override
    public boolean delete(Digest digest) {
        String name = requireSha256(digest);
        return database.transaction(sql -> {
            sql.update("DELETE FROM piece WHERE upload IN (SELECT upload FROM content WHERE digest = ?)", name);
            return sql.update("DELETE FROM content WHERE digest = ?", name) == 1;
        });
    }

    @Override
    public void list(Consumer<? super StoredBlob> visitor) {
        Row<StoredBlob> row = each ->
                new StoredBlob(Digest.parse(each.getString(1)), each.getLong(2), Duration.ofSeconds(each.getLong(3)));
        String query = "SELECT digest, length, GREATEST(0, DATEDIFF('SECOND', since, CURRENT_TIMESTAMP))"
                + " FROM content WHERE digest > ? ORDER BY digest LIMIT 1000";
        List<StoredBlob> page = database.select(row, query, "");
        while (!page.isEmpty()) {
            page.forEach(visitor);
            String last = page.get(page.size() - 1).digest().toString();
            page = database.select(row, query, last);
        }
    }

    @Override
    public void close() {
        database.close();
    }

    private List<Long> uploads(Digest digest) {
        return database.select(NUMBER, "SELECT upload FROM content WHERE digest = ?", requireSha256(digest));
    }

    private static String requireSha256(Digest digest) {
        if (!digest.algorithm().equals("sha256")) {
            throw new IllegalArgumentException("expected a SHA-256 digest, found " + digest);
        }
        return digest.toString();
    }

    /** Content as it is read, a piece at a time. */
    private final class Pieces extends InputStream {
        private final long upload;
        private int number;
        private InputStream piece = InputStream.nullInputStream();

        Pieces(long upload) {
            this.upload = upload;
        }

        @Override
        public int read() throws IOException {
            return hasMore() ? piece.read() : -1;
        }

        @Override
        public int read(byte[] buffer, int offset, int length) throws IOException {
            return hasMore() ? piece.read(buffer, offset, length) : -1;
        }

        private boolean hasMore() throws IOException {
            if (piece.available() == 0) {
                String query = "SELECT bytes FROM piece WHERE upload = ? AND number = ?";
                List<byte[]> next = database.select(row -> row.getBytes(1), query, upload, number++);
                piece = new ByteArrayInputStream(next.isEmpty() ? new byte[0] : next.get(0));
            }
            return piece.available() > 0;
        }
    }
}
