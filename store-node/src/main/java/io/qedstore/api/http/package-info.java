/**
 * The HTTP server of a node's API: routes, JSON, errors, downloads, and asking the node that has to be asked instead.
 *
 * <p>Called by {@code io.qedstore.node}. It calls {@link io.qedstore.api.NodeService} and other nodes' APIs, and knows nothing of
 * the log, volumes or files. What can be asked stands in the tables of the {@code ...Routes} classes; the server and the OpenAPI
 * document are both made of them. Start reading at {@link io.qedstore.api.http.ApiServer}, then {@code ImageRoutes}.
 */
@NullMarked
package io.qedstore.api.http;

import org.jspecify.annotations.NullMarked;
