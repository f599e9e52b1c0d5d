package dev.modelops.core;

import java.io.IOException;

/** Two real servers, of which one follows the other and takes its place when it is lost. */
public final class PostgresPair implements AutoCloseable {
    private static final String NAME = "follower";

    private final boolean synchronous;
    private PostgresServer primary;
    private PostgresServer standby;

    private PostgresPair(boolean synchronous) throws InterruptedException {
        this.synchronous = synchronous;
        this.primary = PostgresServer.start();
        this.standby = primary.standby(NAME);
        if (synchronous) {
            primary.waitFor(NAME);
        }
    }

    /** A commit returns when both have it on their disks. */
    public static PostgresPair synchronous() throws InterruptedException {
        return new PostgresPair(true);
    }

    /** A commit returns when the primary has it on its disk. */
    public static PostgresPair asynchronous() throws InterruptedException {
        return new PostgresPair(false);
    }

    public PostgresServer primary() {
        return primary;
    }

    public PostgresServer standby() {
        return standby;
    }

    /** Creates a database, and returns a URL that leads to it on whichever server is the primary. */
    public String create() {
        String name = primary.create().name();
        return "jdbc:postgresql://127.0.0.1:" + primary.port() + ",127.0.0.1:" + standby.port() + "/" + name
                + "?targetServerType=primary&hostRecheckSeconds=1&connectTimeout=5&user=postgres";
    }

    /** Kills the primary, and makes the standby the primary. */
    public void failOver() throws IOException, InterruptedException {
        primary.killHard();
        promote();
    }

    /** Makes the standby the primary, whatever became of the other. */
    public void promote() {
        standby.promote();
        PostgresServer before = primary;
        primary = standby;
        standby = before;
    }

    /** Makes the server that was lost the standby of the one that is left. */
    public void mend() throws IOException, InterruptedException {
        standby.follow(primary, NAME);
        if (synchronous) {
            primary.waitFor(NAME);
        }
    }

    @Override
    public void close() {
        try (PostgresServer first = primary;
                PostgresServer second = standby) {
            primary = first;
            standby = second;
        }
    }
}
