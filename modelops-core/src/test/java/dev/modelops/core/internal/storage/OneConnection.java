package dev.modelops.core.internal.storage;

import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.sql.Connection;
import java.sql.DatabaseMetaData;
import javax.sql.DataSource;

/** A source that always lends the same connection, which its borrowers cannot close: as it comes back, it is seen. */
record OneConnection(Connection connection) {
    DataSource source() {
        Connection lent = (Connection) Proxy.newProxyInstance(
                OneConnection.class.getClassLoader(), new Class<?>[] {Connection.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("close")) {
                        return null;
                    }
                    try {
                        return method.invoke(connection, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
        return (DataSource) Proxy.newProxyInstance(
                OneConnection.class.getClassLoader(), new Class<?>[] {DataSource.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("getConnection")) {
                        return lent;
                    }
                    throw new UnsupportedOperationException(method.getName());
                });
    }

    /** A connection to nothing that only says of which product it is. */
    static Connection ofProduct(String product) {
        DatabaseMetaData data = (DatabaseMetaData) Proxy.newProxyInstance(
                OneConnection.class.getClassLoader(),
                new Class<?>[] {DatabaseMetaData.class},
                (proxy, method, arguments) -> method.getName().equals("getDatabaseProductName") ? product : null);
        return (Connection) Proxy.newProxyInstance(
                OneConnection.class.getClassLoader(),
                new Class<?>[] {Connection.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "getMetaData" -> data;
                    case "getAutoCommit" -> true;
                    case "isReadOnly", "isClosed" -> false;
                    case "getNetworkTimeout" -> 0;
                    default -> null;
                });
    }
}
