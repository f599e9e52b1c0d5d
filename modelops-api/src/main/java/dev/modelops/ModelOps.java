package dev.modelops;

import dev.modelops.audit.AuditEntry;
import dev.modelops.audit.LogKey;
import dev.modelops.monitoring.Notifications;
import dev.modelops.registry.Recorded;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.UnaryOperator;

/**
 * A governed log, opened in this process: the entry point of the library. As a {@link Session} it acts for whoever the
 * host's {@link PrincipalSource} says is calling. One instance serves a whole application. Safe for use by many threads.
 */
public interface ModelOps extends Session, AutoCloseable {
    /**
     * Creates a log: writes its first entry, sealed and under a signed checkpoint. A ceremony, done once.
     *
     * @param storage an empty storage; stays open
     * @param genesis what the first entry fixes
     * @return the key to pin wherever the log is opened or verified
     * @throws VersionConflictException if the storage is not empty; nothing is changed
     * @throws IllegalArgumentException if a key does not fit its role, or an environment requires a gate that the policy
     *     set does not have
     */
    static LogKey create(Storage storage, Genesis genesis) {
        return ModelOpsProvider.load().create(storage, genesis, Clock.systemUTC());
    }

    /**
     * Begins to open a log. Nothing is read before {@link Opening#start}.
     *
     * @param storage where the log lives; closed with the facade
     * @param logKey the pinned key
     * @return the options, to be completed
     */
    static Opening open(Storage storage, LogKey logKey) {
        return new Opening(storage, logKey);
    }

    /**
     * Opens the log in a local folder and, if the folder is empty or missing, creates it first: with the built-in
     * policies, the environments {@code staging} and {@code production}, this operating system's user as administrator,
     * and one set of keys made for development and kept in the folder in clear. Whoever can read the folder can sign as
     * the log; a warning says so at every opening.
     *
     * @param folder a folder on a local disk
     * @return the facade, acting for this operating system's user
     */
    static ModelOps embedded(Path folder) {
        return embedded(folder, UnaryOperator.identity());
    }

    /**
     * Opens or creates the log in a local folder, with more than the folder knows, such as fact providers:
     *
     * <pre>{@code
     * ModelOps.embedded(folder, opening -> opening.facts(calendar));
     * }</pre>
     *
     * @param folder a folder on a local disk
     * @param settings completes the options, in which keys and principals are set
     * @return the facade
     */
    static ModelOps embedded(Path folder, UnaryOperator<Opening> settings) {
        return ModelOpsProvider.load().embedded(folder, settings);
    }

    /**
     * Returns a session that acts for an identity, whatever the host's source says. For tests, tools and trusted code.
     *
     * @param identity who acts
     * @return the session
     */
    Session as(Identity identity);

    /**
     * Returns a session that acts for a principal, asserted by the host.
     *
     * @param principal who acts
     * @return the session
     */
    default Session as(Principal principal) {
        return as(Identity.asserted(principal));
    }

    /**
     * Returns the key to pin.
     *
     * @return the key this log was opened with
     */
    LogKey logKey();

    /**
     * Returns how far this process has followed the log.
     *
     * @return the position
     */
    LogPosition position();

    /**
     * Tells how old the state is that this process reads and serves by. Never waits for the store.
     *
     * @return how far the log was followed, and how long ago that was its end
     */
    Freshness freshness();

    /**
     * Reads what other processes have appended, so that later reads see it.
     *
     * @return the position now followed to
     * @throws dev.modelops.storage.StorageException if the store cannot be read
     * @throws IntegrityException if what was read cannot be trusted; the log is then read-only
     */
    LogPosition sync();

    /**
     * Returns what became of an act. Follows the log first.
     *
     * @param commandId the identity of the act
     * @return its record; empty if it was not done
     */
    Optional<Recorded> outcome(CommandId commandId);

    /**
     * Calls a listener for every entry from now on, in order, on one thread of the library. An exception it throws is
     * logged and does no harm. About a thousand entries wait in memory for a listener that is slower than the log; it is
     * told of the others all the same, as they are read from the store again.
     *
     * @param listener told of entries of this and other processes
     * @return closing it ends the calls
     */
    AutoCloseable listen(Consumer<AuditEntry> listener);

    /**
     * Returns how others are told what happens, so that nothing is lost.
     *
     * @return the notifications
     */
    Notifications notifications();

    /**
     * Ends the acts under way, publishes a last checkpoint, stops every thread and closes handles and storage. Acts still
     * waiting fail with {@link ClosedException}. A second close does nothing.
     */
    @Override
    void close();
}
