package io.qedstore.nbd;

import io.netty.handler.ssl.SslContext;
import java.util.concurrent.Executor;
import java.util.function.BooleanSupplier;
import java.util.function.Supplier;

/**
 * What all connections of a server share.
 *
 * @param tlsContext gives the context for the next TLS handshake; not called with {@link TlsMode#OFF}
 * @param workers run what may wait for a disk
 * @param longRangeWorkers go through long ranges step by step, so that the other workers stay free
 * @param negotiators answer options, which may wait for an export to be opened
 * @param halfOpen connections that have not finished their handshake
 * @param shuttingDown whether nothing new is to be started any more
 */
record ServerContext(
        Exports exports,
        TlsMode tlsMode,
        Supplier<SslContext> tlsContext,
        ServerLimits limits,
        MemoryBudget budget,
        Executor workers,
        Executor longRangeWorkers,
        Executor negotiators,
        HalfOpenConnections halfOpen,
        BooleanSupplier shuttingDown) {}
