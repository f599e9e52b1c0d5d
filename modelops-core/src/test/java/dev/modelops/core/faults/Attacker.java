package dev.modelops.core.faults;

import dev.modelops.Bytes;
import dev.modelops.Digest;
import dev.modelops.core.internal.log.Entry;
import dev.modelops.core.internal.log.EntryType;
import dev.modelops.core.internal.log.Seal;
import dev.modelops.core.internal.tlog.CheckpointBody;
import dev.modelops.core.internal.tlog.Frontier;
import dev.modelops.core.internal.tlog.FrontierBuilder;
import dev.modelops.core.internal.tlog.Merkle;
import dev.modelops.core.internal.tlog.NoteSigner;
import dev.modelops.signing.Signer;
import dev.modelops.storage.LogSeal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;

/** Somebody who holds the database of a log: drops its guards and writes what he likes. */
final class Attacker implements AutoCloseable {
    private final Connection connection;

    private Attacker(Connection connection) {
        this.connection = connection;
    }

    static Attacker on(Path folder) throws SQLException {
        Attacker attacker = new Attacker(DriverManager.getConnection("jdbc:sqlite:" + folder.resolve("log.db")));
        attacker.run("PRAGMA busy_timeout=30000");
        attacker.run("PRAGMA synchronous=OFF");
        for (String trigger : attacker.texts("SELECT name FROM sqlite_schema WHERE type = 'trigger'")) {
            attacker.run("DROP TRIGGER " + trigger);
        }
        return attacker;
    }

    void run(String sql, Object... values) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            for (int i = 0; i < values.length; i++) {
                statement.setObject(i + 1, values[i]);
            }
            statement.execute();
        }
    }

    long number(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getLong(1);
        }
    }

    byte[] bytes(String sql) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            rows.next();
            return rows.getBytes(1);
        }
    }

    List<String> texts(String sql) throws SQLException {
        List<String> texts = new ArrayList<>();
        try (Statement statement = connection.createStatement();
                ResultSet rows = statement.executeQuery(sql)) {
            while (rows.next()) {
                texts.add(rows.getString(1));
            }
        }
        return texts;
    }

    long size() throws SQLException {
        return number("SELECT size FROM modelops_head");
    }

    byte[] body(long index) throws SQLException {
        return bytes("SELECT body FROM modelops_record WHERE idx = " + index);
    }

    void body(long index, byte[] body) throws SQLException {
        run("UPDATE modelops_record SET body = ? WHERE idx = ?", body, index);
    }

    void insert(long index, byte[] body) throws SQLException {
        run("INSERT INTO modelops_record (log_id, idx, body) VALUES (1, ?, ?)", index, body);
    }

    /** Makes the head what the records say. */
    void head() throws SQLException {
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        long size = number("SELECT count(*) FROM modelops_record");
        for (long index = 0; index < size; index++) {
            frontier.append(Merkle.leafHash(body(index)));
        }
        run("UPDATE modelops_head SET size = ?, root = ?", size, frontier.root());
    }

    /** Seals the records from an index to the end. */
    void seal(long from, Signer key) throws SQLException {
        FrontierBuilder frontier = new FrontierBuilder(Frontier.empty());
        List<byte[]> hashes = new ArrayList<>();
        long size = number("SELECT count(*) FROM modelops_record");
        for (long index = 0; index < size; index++) {
            byte[] hash = Merkle.leafHash(body(index));
            frontier.append(hash);
            if (index >= from) {
                hashes.add(hash);
            }
        }
        LogSeal seal = new Seal(Site.ORIGIN, from, size, frontier.root(), hashes).sign(Seal.signer(Site.ORIGIN, key));
        run(
                "INSERT OR REPLACE INTO modelops_seal (log_id, start, size, note) VALUES (1, ?, ?, ?)",
                from,
                size,
                seal.note());
    }

    /** Signs a checkpoint over what the head says. */
    void checkpoint(Signer key) throws SQLException {
        byte[] root = bytes("SELECT root FROM modelops_head");
        String text = new CheckpointBody(Site.ORIGIN, size(), root).text();
        run(
                "INSERT OR REPLACE INTO modelops_checkpoint (log_id, size, note) VALUES (1, ?, ?)",
                size(),
                new NoteSigner(Site.ORIGIN, key).sign(text));
    }

    /** An entry like one that is there, for another place, of a type and with a text of the attacker's choice. */
    static byte[] forged(byte[] like, long index, String typeName, String from, String to, boolean critical) {
        Entry entry = Entry.decode(
                0, new String(like, StandardCharsets.UTF_8).replace(from, to).getBytes(StandardCharsets.UTF_8));
        entry.data().put("command", "forged-" + index);
        Instant time = entry.time().plusSeconds(60);
        return new Entry(
                        index,
                        Digest.sha256Of(Bytes.ofUtf8("forged" + index)).toHex().substring(0, 32),
                        entry.source(),
                        EntryType.of(typeName),
                        typeName,
                        entry.subject(),
                        time,
                        critical,
                        entry.data())
                .encode();
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
