package io.qedstore.api.http;

import io.javalin.http.Context;
import org.eclipse.jetty.ee10.servlet.ServletContextRequest;

/** What has to be done to the connection under a request. */
final class Connections {
    private Connections() {}

    /**
     * Closes it at once: all that can be done to an answer that has begun and cannot be finished, so that nobody takes it for a
     * whole one. Whoever writes to it or reads from it fails.
     */
    static void abort(Context context) {
        ServletContextRequest.getServletContextRequest(context.req())
                .getConnectionMetaData()
                .getConnection()
                .getEndPoint()
                .close();
    }
}
