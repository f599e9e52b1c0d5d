package dev.modelops.core.internal.storage;

import dev.modelops.storage.StorageException;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;

/**
 * What differs between the databases that a log can be kept in. Everything else is the same SQL. Connections are in
 * auto-commit mode, so that a single query is its own transaction; {@link #begin}, {@link #commit} and {@link #rollback}
 * enclose the others.
 */
interface Dialect {
    /** What went wrong, as far as the store treats it differently. */
    enum Failure {
        /** Somebody else holds the lock. */
        LOCKED,
        /** There is no room; the transaction was not committed. */
        FULL,
        /** The storage failed; whether the data is on it is not known. */
        IO,
        /** The stored data is damaged. */
        DAMAGED,
        /** The file is not such a database. */
        FOREIGN,
        /** A constraint or guard of the schema refused the change. */
        REFUSED,
        /** Reading is allowed and writing is not. */
        READ_ONLY,
        /** There is no access. */
        NO_ACCESS,
        /** The database cannot be reached, or the connection to it was lost. */
        LOST,
        /** The database gave the transaction up; it may be begun again. */
        ROLLED_BACK,
        /** Anything else. */
        OTHER
    }

    /**
     * Makes the database ready: creates the tables in an empty one, and otherwise checks that they are of this library
     * and of a version it knows.
     *
     * @throws StorageException if it is another kind of database, of a newer version, or too old an engine
     */
    void prepare() throws SQLException;

    /** Opens a connection for queries only. */
    LogConnection connectToRead() throws SQLException;

    /** Opens a connection for transactions. */
    LogConnection connectToWrite() throws SQLException;

    /**
     * Tells whether connections are the store's own and kept from one use to the next. Otherwise they are the host's,
     * borrowed for each use, and a use never needs two.
     */
    boolean keepsConnections();

    /**
     * Begins a transaction. When its head is locked by {@link LogConnection#lockHead} at the latest, it holds the only
     * lock for writing; both may fail with {@link Failure#LOCKED}.
     */
    void begin(Connection connection) throws SQLException;

    /**
     * Fails if connections that were kept no longer lead to where a new one would: a file that was replaced or removed is
     * still there for whoever has it open, and what is written to it is lost.
     */
    default void requireInPlace() {}

    /** Makes the transaction durable. */
    void commit(Connection connection) throws SQLException;

    /** Undoes the transaction. */
    void rollback(Connection connection) throws SQLException;

    /** Sees to it, as far as the database can, that what was deleted and committed is not left in its files. */
    default void forget(Connection connection) throws SQLException {}

    /** Classifies a failure. */
    Failure classify(SQLException failure);

    /** Says in a message what a failure of some kinds means for this database, and what to do. */
    String explain(Failure kind, SQLException failure);

    /** Returns how long to wait for a lock. */
    Duration patience();

    /** Returns what to call the database in messages. */
    String name();
}
