package dev.modelops.samples.ignite;

import java.nio.file.Path;
import java.util.logging.Level;
import java.util.logging.Logger;
import org.apache.ignite.IgniteServer;
import org.apache.ignite.InitParameters;

/** A node of a cluster of three, in a process of its own, which ends with the one that started it. */
final class IgniteNode {
    private IgniteNode() {}

    /** Arguments: name, configuration, folder. An end of input ends it; a line makes it form the cluster of those named. */
    public static void main(String[] args) throws Exception {
        Logger.getLogger("").setLevel(Level.WARNING);
        IgniteServer server = IgniteServer.start(args[0], Path.of(args[1]), Path.of(args[2]));
        say("STARTED");
        StringBuilder line = new StringBuilder();
        for (int c = System.in.read(); c >= 0; c = System.in.read()) {
            if (c != '\n') {
                line.append((char) c);
                continue;
            }
            if (!line.isEmpty()) {
                String[] names = line.toString().split(" ", -1);
                server.initCluster(InitParameters.builder()
                        .metaStorageNodeNames(names)
                        .cmgNodeNames(names)
                        .clusterName("modelops")
                        .build());
            }
            line.setLength(0);
            server.waitForInitAsync().join();
            say("READY");
        }
        Runtime.getRuntime().halt(0);
    }

    private static void say(String word) {
        System.out.println(word);
        System.out.flush();
    }
}
