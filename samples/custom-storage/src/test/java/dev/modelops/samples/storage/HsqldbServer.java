package dev.modelops.samples.storage;

import com.zaxxer.hikari.HikariDataSource;
import java.io.PrintWriter;
import java.io.Writer;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;
import org.hsqldb.server.Server;

/** A HyperSQL server on loopback with a database in a folder. */
final class HsqldbServer implements AutoCloseable {
    private final Server server = new Server();
    private final HikariDataSource pool = new HikariDataSource();

    HsqldbServer(Path folder) throws Exception {
        int port;
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
        }
        server.setLogWriter(new PrintWriter(Writer.nullWriter()));
        server.setErrWriter(new PrintWriter(Writer.nullWriter()));
        server.setAddress("127.0.0.1");
        server.setPort(port);
        server.setDatabaseName(0, "governance");
        server.setDatabasePath(0, "file:" + folder.resolve("governance") + ";hsqldb.tx=mvcc");
        server.start();
        pool.setJdbcUrl("jdbc:hsqldb:hsql://127.0.0.1:" + port + "/governance");
        pool.setUsername("SA");
        // How the driver tests a connection swallows an interrupt of the caller.
        pool.setConnectionTestQuery("VALUES (1)");
    }

    DataSource connections() {
        return pool;
    }

    /** Drops all tables. */
    void clear() throws SQLException {
        try (Connection connection = pool.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("DROP SCHEMA PUBLIC CASCADE");
        }
    }

    @Override
    public void close() {
        pool.close();
        server.shutdown();
    }
}
