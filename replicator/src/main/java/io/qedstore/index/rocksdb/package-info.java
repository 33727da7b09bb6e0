/**
 * The index, and the progress of a node's files, in one RocksDB database: the only package that knows RocksDB.
 *
 * <p>Opened by a node's assembly. Knows nothing of logs and files. Start at {@link io.qedstore.index.rocksdb.RocksDbIndex} and
 * {@link io.qedstore.index.rocksdb.Keys}.
 */
@NullMarked
package io.qedstore.index.rocksdb;

import org.jspecify.annotations.NullMarked;
