package dev.modelops.core.internal.storage;

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
    public HeadPoller poller() {
        return poller;
    }

    @Override
    public String logName() {
        return log;
    }
}
