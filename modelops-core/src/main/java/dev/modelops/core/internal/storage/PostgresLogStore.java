package dev.modelops.core.internal.storage;

import java.time.Instant;
import java.util.Optional;

/** A log of several in a PostgreSQL database. */
final class PostgresLogStore extends JdbcLogStore implements SharedLogStore {
    private final String log;
    private final HeadPoller poller;

    PostgresLogStore(PostgresDialect dialect, String log, HeadPoller poller) {
        super(dialect);
        this.log = log;
        this.poller = poller;
    }

    @Override
    public Optional<Instant> time() {
        return Optional.of(query("ask the time of", connection -> ((PostgresConnection) connection).time()));
    }

    @Override
    public HeadPoller poller() {
        return poller;
    }

    @Override
    public String logName() {
        return log;
    }
}
