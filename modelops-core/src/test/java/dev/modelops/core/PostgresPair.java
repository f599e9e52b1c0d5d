package dev.modelops.core;

import dev.modelops.core.TestStorage.Place;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;

/** Two real servers, of which one follows the other and takes its place when it is lost. */
public final class PostgresPair implements AutoCloseable {
    private static final String NAME = "follower";

    private final boolean synchronous;
    private PostgresServer primary;
    private PostgresServer standby;
    private String database = "";

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

    /** Returns a place for a log in a database of its own, on whichever server is the primary, with blobs in a folder. */
    public Place place(Path folder) {
        database = primary.create().name();
        return place(
                primary.port() + ",127.0.0.1:" + standby.port(),
                "targetServerType=primary&hostRecheckSeconds=1",
                folder);
    }

    /** Returns the place of the last log on the server that is the primary now, for who does not hear of a fail-over. */
    public Place placeOnPrimaryAlone(Path folder, String options) {
        return place(String.valueOf(primary.port()), options, folder);
    }

    private Place place(String ports, String options, Path folder) {
        return new Place("jdbc:postgresql://127.0.0.1:" + ports + "/" + database + "?user=postgres&connectTimeout=5&"
                + options + " " + folder.resolve("blobs"));
    }

    /** Waits until the standby has on its disk all that the primary has. */
    public void awaitCaughtUp() throws InterruptedException {
        primary.await("SELECT pg_current_wal_insert_lsn() <= replay_lsn FROM pg_stat_replication", "t");
    }

    /** Stops the standby's process that receives, so that no commit of the primary returns, until it is let go. */
    public HeldBack holdBack() {
        return new HeldBack(
                standby, standby.ask("SELECT pid FROM pg_stat_wal_receiver").get(0));
    }

    /** A standby that receives nothing. */
    public record HeldBack(PostgresServer standby, String process) {
        public HeldBack {
            standby.signal(process, "STOP");
        }

        public void letGo() {
            standby.signal(process, "CONT");
        }
    }

    /** Waits until so many commits of the primary wait for the standby. */
    public void awaitWaiting(int commits) throws InterruptedException {
        primary.await("SELECT count(*) FROM pg_stat_activity WHERE wait_event = 'SyncRep'", Integer.toString(commits));
    }

    /** Kills the primary, and makes the standby the primary. */
    public void failOver() throws IOException, InterruptedException {
        primary.killHard();
        promote();
    }

    /** Lets the primary go on alone for a while, then kills it, and makes the standby, which was away, the primary. */
    public void failOverToWhoWasAway(Duration away) throws IOException, InterruptedException {
        standby.stop();
        Thread.sleep(away.toMillis());
        primary.killHard();
        standby.startAgain();
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
