/** The implementation of the ModelOps contracts. */
@org.jspecify.annotations.NullMarked
module dev.modelops.core {
    requires transitive dev.modelops.api;
    requires com.fasterxml.jackson.databind;
    requires com.google.common;
    requires java.net.http;
    requires transitive java.sql;
    requires jdk.httpserver;
    requires static org.jspecify;
    requires org.apache.commons.numbers.gamma;
    requires org.bouncycastle.pkix;
    requires org.bouncycastle.provider;
    requires org.pcollections;
    requires org.slf4j;
    requires static org.xerial.sqlitejdbc;
    requires static sigstore.java;
    requires static software.amazon.awssdk.auth;
    requires static software.amazon.awssdk.awscore;
    requires static software.amazon.awssdk.core;
    requires static software.amazon.awssdk.http;
    requires static software.amazon.awssdk.http.urlconnection;
    requires static software.amazon.awssdk.identity.spi;
    requires static software.amazon.awssdk.regions;
    requires static software.amazon.awssdk.retries;
    requires static software.amazon.awssdk.retries.api;
    requires static software.amazon.awssdk.services.s3;
    requires static software.amazon.awssdk.utils;

    exports dev.modelops.core;
    exports dev.modelops.core.evidence;
    exports dev.modelops.core.monitoring;
    exports dev.modelops.core.policy;
    exports dev.modelops.core.signing;
    exports dev.modelops.core.storage;

    provides dev.modelops.ModelOpsProvider with
            dev.modelops.core.internal.CoreProvider;
}
