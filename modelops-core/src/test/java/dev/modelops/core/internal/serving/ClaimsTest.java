package dev.modelops.core.internal.serving;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.common.util.concurrent.Uninterruptibles;
import dev.modelops.Assurance;
import dev.modelops.Identity;
import dev.modelops.Principal;
import dev.modelops.PrincipalSource;
import dev.modelops.Role;
import java.time.Duration;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

class ClaimsTest {
    private static final Duration BOUND = Duration.ofMillis(30);
    private static final Identity OPENED =
            new Identity(Principal.of("example.org", "scoring"), Assurance.TOKEN_BOUND, Set.of(Role.SERVICE));

    /** Otherwise a handle that refused meanwhile would go on refusing until the log moves. */
    @Test
    void rolesThatExpiredWhileTheSourceWasAskedCountAsChangedWhenItAnswers() {
        AtomicReference<Claims> asked = new AtomicReference<>();
        Claims claims = new Claims(
                new PrincipalSource() {
                    @Override
                    public Identity current() {
                        return OPENED;
                    }

                    @Override
                    public Identity renew(Identity opened) {
                        Uninterruptibles.sleepUninterruptibly(BOUND);
                        assertThat(asked.get().expire()).isTrue();
                        return opened;
                    }
                },
                OPENED,
                BOUND);
        asked.set(claims);
        Uninterruptibles.sleepUninterruptibly(BOUND);
        assertThat(claims.renew()).isTrue();
        assertThat(claims.present()).isEqualTo(OPENED);
    }
}
