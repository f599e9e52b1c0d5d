package dev.modelops.samples.credit;

import static dev.modelops.Environment.PRODUCTION;

import dev.modelops.ModelOps;
import dev.modelops.ModelRef;
import dev.modelops.registry.VersionSpec;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;

/** Half a year of a scoring model: it drifts, decays, is challenged, replaced, and a bad build of it is taken back. */
public final class CreditScoring {
    private static final String MODEL = "credit-risk";
    private static final Instant START = Instant.parse("2026-01-01T00:00:00Z");
    private static final Duration WEEK = Duration.ofDays(7);
    private static final int WEEKS = 8;

    private final Path folder;
    private final Transcript say;
    private final StagedClock clock = new StagedClock(START.minus(WEEK));
    private final Bank bank = new Bank(clock);
    private final LoanBook book = LoanBook.fixedEmploymentFirst();

    private CreditScoring(Path folder, PrintStream out) {
        this.folder = folder;
        this.say = new Transcript(out);
    }

    public static void main(String[] args) throws IOException {
        run(Path.of(args.length == 0 ? "target/out" : args[0]), System.out);
    }

    static void run(Path folder, PrintStream out) throws IOException {
        Files.createDirectories(folder);
        new CreditScoring(folder, out).tell();
    }

    private void tell() throws IOException {
        Path builds = Files.createTempDirectory("credit-scoring-");
        try (ModelOps ops = bank.open(clock)) {
            Build first = Build.of(book, List.of());
            ModelRef v1 = release(ops, first.save(MODEL, builds.resolve("v1")));
            say.step("%s serves: %s", v1, first.holdOut());
            clock.moveTo(START);
            try (LoanService service = new LoanService(ops.as(Bank.SERVICE), clock, MODEL)) {
                for (int week = 0; week < 4; week++) {
                    service.serve(book.part(week, WEEKS), WEEK);
                }
                say.line("%s", service.served(v1));
                ModelRef bad = ops.as(Bank.ADA).registry().register(first.saveWithoutMedians(MODEL, builds.resolve("bad"))).ref();
                ops.as(Bank.VERA).registry().approve(bad, PRODUCTION, "as before");
                ops.as(Bank.VICTOR).registry().approve(bad, PRODUCTION, "as before");
                try { ops.as(Bank.OSCAR).registry().promote(bad, PRODUCTION); } catch (RuntimeException e) { say.line("%s", e.getMessage()); }
                ops.as(Bank.OSCAR).registry().perform(dev.modelops.policy.Action.promote(bad, PRODUCTION).overriding("INC-7"));
                try { Thread.sleep(1000); } catch (InterruptedException e) { throw new RuntimeException(e); }
                say.line("%s", service.status());
                service.serve(book.part(7, WEEKS), WEEK);
                try { Thread.sleep(1000); } catch (InterruptedException e) { throw new RuntimeException(e); }
                say.line("%s", service.status());
            }
        }
    }

    private ModelRef release(ModelOps ops, VersionSpec spec) {
        ModelRef version = ops.as(Bank.ADA).registry().register(spec).ref();
        ops.as(Bank.VERA).registry().approve(version, PRODUCTION, "measured again: as claimed");
        ops.as(Bank.VICTOR).registry().approve(version, PRODUCTION, "card agrees with the code");
        ops.as(Bank.RITA).registry().promote(version, PRODUCTION);
        return version;
    }
}
