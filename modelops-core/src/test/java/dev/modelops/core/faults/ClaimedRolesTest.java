package dev.modelops.core.faults;

import static org.assertj.core.api.Assertions.catchThrowable;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Assurance;
import dev.modelops.Freshness;
import dev.modelops.Genesis;
import dev.modelops.Identity;
import dev.modelops.LogPosition;
import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.NotFoundException;
import dev.modelops.Opening;
import dev.modelops.Principal;
import dev.modelops.PrincipalSource;
import dev.modelops.Role;
import dev.modelops.RoleSource;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage;
import dev.modelops.core.policy.Policies;
import dev.modelops.policy.AccessDeniedException;
import dev.modelops.policy.Decision;
import dev.modelops.serving.ModelHandle;
import dev.modelops.storage.Storage;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Where roles come from the host's claims, an open handle does not outlive them. */
class ClaimedRolesTest {
    private static final Duration SHORT = Duration.ofMillis(300);
    private static final CountDownLatch NEVER = new CountDownLatch(1);

    /** What becomes of claims. */
    enum Loss {
        WITHDRAWN(identity -> new Identity(identity.principal(), identity.assurance(), Set.of())),
        NO_SUCH_PRINCIPAL(identity -> {
            throw new NotFoundException("nobody is called that any more");
        }),
        BROKEN(identity -> {
            throw new LinkageError("no directory");
        }),
        OF_SOMEBODY_ELSE(identity -> claiming(Site.VERA, Role.SERVICE)),
        SILENT(identity -> {
            var unused = Uninterruptibles.awaitUninterruptibly(NEVER, Duration.ofSeconds(2));
            return identity;
        });

        private final UnaryOperator<Identity> claims;

        Loss(UnaryOperator<Identity> claims) {
            this.claims = claims;
        }
    }

    @TempDir
    Path dir;

    private final Storage storage = TestStorage.fresh();
    private final AtomicReference<UnaryOperator<Identity>> claims = new AtomicReference<>(UnaryOperator.identity());
    private LogKey key;
    private ModelRef ref;
    private ModelOps ops;

    @BeforeEach
    void makeLog() {
        Genesis genesis = Genesis.of(Site.ORIGIN, Site.KEYS.ed25519("log"), Site.KEYS.ed25519("writer"))
                .publisher(Site.KEYS.ecdsa("publisher").publicKey())
                .roles(RoleSource.CLAIMS)
                .environment(Site.PRODUCTION, Policies.PRODUCTION_GATES.toArray(String[]::new));
        key = ModelOps.create(storage, genesis);
        ops = opening().start();
        ref = ops.as(claiming(Site.ADA, Role.DATA_SCIENTIST))
                .registry()
                .register(Site.spec(dir, "risk", 1))
                .ref();
        ops.as(claiming(Site.VERA, Role.VALIDATOR)).registry().approve(ref, Site.PRODUCTION, "fine");
        ops.as(claiming(Site.RITA, Role.RELEASE_MANAGER)).registry().promote(ref, Site.PRODUCTION);
    }

    @AfterEach
    void close() {
        ops.close();
    }

    private Opening opening() {
        return Site.opening(storage, key)
                .staleness(SHORT, Freshness.Stance.REFUSE)
                .principals(new PrincipalSource() {
                    @Override
                    public Identity current() {
                        return claiming(Site.SCORING, Role.SERVICE);
                    }

                    @Override
                    public Identity renew(Identity opened) {
                        return claims.get().apply(opened);
                    }
                });
    }

    private static Identity claiming(Principal who, Role role) {
        return new Identity(who, Assurance.TOKEN_BOUND, Set.of(role));
    }

    /** Waits until it serves: with so short a bound, a slow machine makes the state old for a while. */
    private void awaitServing(ModelHandle<String> handle) throws Exception {
        Site.await("the handle serves", () -> handle.version().equals(Optional.of(ref)));
    }

    private static void awaitRefusal(ModelHandle<String> handle) throws Exception {
        Site.await(
                "the handle refuses by policy",
                () -> catchThrowable(() -> handle.apply(model -> model)) instanceof AccessDeniedException);
    }

    @ParameterizedTest
    @EnumSource
    void aHandleServesNoLongerThanTheClaimsOfItsOwner(Loss loss) throws Exception {
        try (ModelHandle<String> handle = ops.serving().open("risk", Site.PRODUCTION, artifact -> "model")) {
            awaitServing(handle);
            claims.set(loss.claims);
            awaitRefusal(handle);
            claims.set(UnaryOperator.identity());
            awaitServing(handle);
        }
    }

    @Test
    void aHandleOfANamedIdentityHasItsClaimsRenewedToo() throws Exception {
        try (ModelHandle<String> handle = ops.as(claiming(Site.SCORING, Role.SERVICE))
                .serving()
                .open("risk", Site.PRODUCTION, artifact -> "model")) {
            awaitServing(handle);
            claims.set(Loss.WITHDRAWN.claims);
            awaitRefusal(handle);
        }
    }

    @Test
    void aPolicyOfTheHostsThatHangsKeepsNoClaimsAlive() throws Exception {
        CountDownLatch isStuck = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        Decision.Allow yes =
                new Decision.Allow(List.of("host"), Policies.builtIn().digest(), new LogPosition(1), Instant.EPOCH);
        try (ModelOps narrowed = opening()
                        .narrowedBy(request -> {
                            if (Thread.currentThread().getName().equals("modelops-validity")) {
                                isStuck.countDown();
                                var unused = Uninterruptibles.awaitUninterruptibly(release, Duration.ofMinutes(1));
                            }
                            return yes;
                        })
                        .start();
                ModelHandle<String> handle = narrowed.serving().open("risk", Site.PRODUCTION, artifact -> "model")) {
            try {
                // Claims that ran out on a slow machine are asked about in vain until they were renewed.
                Site.await("the policy is asked", () -> {
                    ops.as(claiming(Site.ADA, Role.DATA_SCIENTIST)).registry().comment(ref, "the log moves on");
                    var unused = narrowed.sync();
                    return Uninterruptibles.awaitUninterruptibly(isStuck, SHORT);
                });
                claims.set(Loss.SILENT.claims);
                awaitRefusal(handle);
            } finally {
                release.countDown();
            }
        }
    }

    @Test
    void aSourceThatOnlyKnowsItsOwnThreadIsAskedForNothingMore() throws Exception {
        ThreadLocal<Identity> request = new ThreadLocal<>();
        try (ModelOps scoped = opening()
                .principals(() -> {
                    if (request.get() == null) {
                        throw new NotFoundException("no request is under way on this thread");
                    }
                    return request.get();
                })
                .start()) {
            request.set(claiming(Site.SCORING, Role.SERVICE));
            try (ModelHandle<String> handle = scoped.serving().open("risk", Site.PRODUCTION, artifact -> "model")) {
                request.remove();
                ops.as(claiming(Site.ADA, Role.DATA_SCIENTIST)).registry().comment(ref, "the log moves on");
                var unused = scoped.sync();
                Thread.sleep(2 * SHORT.toMillis());
                awaitServing(handle);
            }
        }
    }
}
