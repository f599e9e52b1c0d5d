package dev.modelops.core.faults;

import dev.modelops.Genesis;
import dev.modelops.ModelOps;
import dev.modelops.VersionConflictException;
import dev.modelops.audit.LogKey;
import dev.modelops.core.TestStorage.Place;
import dev.modelops.storage.Storage;
import dev.modelops.testkit.fixtures.TestKeys;
import java.io.BufferedReader;
import java.io.InputStreamReader;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;

/**
 * Another process that creates logs: says READY, and for each line on its input, a seed for its keys, a tab and a place,
 * tells what came of it: {@code CREATED} or {@code THERE}, then the key or the message.
 */
public final class Creator {
    private Creator() {}

    public static void main(String[] arguments) throws Exception {
        PrintStream out = new PrintStream(System.out, true, StandardCharsets.UTF_8);
        BufferedReader in = new BufferedReader(new InputStreamReader(System.in, StandardCharsets.UTF_8));
        try (ModelOps warm = Site.inMemory()) {
            out.println("READY " + warm.position());
        }
        for (String line = in.readLine(); line != null; line = in.readLine()) {
            String[] words = line.split("\t", 2);
            TestKeys keys = TestKeys.seeded(Long.parseLong(words[0]));
            try (Storage storage = new Place(words[1]).create()) {
                LogKey key = ModelOps.create(
                        storage, Genesis.of("example.org/race", keys.ed25519("log"), keys.ed25519("writer")));
                out.println("CREATED " + key.text());
            } catch (VersionConflictException e) {
                out.println("THERE " + e.getMessage());
            } catch (RuntimeException e) {
                out.println("BROKEN " + e);
            }
        }
    }
}
