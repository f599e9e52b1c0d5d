/**
 * The contracts of the storage interfaces, as tests. A storage author extends {@link
 * dev.modelops.testkit.contract.LogStoreContract} or {@link dev.modelops.testkit.contract.BlobStoreContract}, says how a
 * store is made, and runs the class with JUnit: each test is one clause.
 */
@NullMarked
package dev.modelops.testkit.contract;

import org.jspecify.annotations.NullMarked;
