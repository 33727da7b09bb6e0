/**
 * The client of a node's HTTP API.
 *
 * <p>Called by the commands in {@code io.qedstore.cli}. It knows the records of {@code io.qedstore.api}, which are the JSON, and
 * nothing of commands, options or printing. All that goes wrong becomes an {@link io.qedstore.cli.api.ApiException} whose
 * message is one sentence. Start reading at {@link io.qedstore.cli.api.ApiClient}.
 */
@NullMarked
package io.qedstore.cli.api;

import org.jspecify.annotations.NullMarked;
