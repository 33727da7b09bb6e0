package io.qedstore.api.http;

import io.javalin.http.Context;
import java.util.Set;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Notes who has asked for what: each request that changes something, and each that was refused for who has sent it. A logger of its own, so
 * that it can be kept elsewhere; what comes from the network stands there in printable characters, and no token ever.
 */
final class Audit {
    private static final Logger LOG = LoggerFactory.getLogger("io.qedstore.audit");

    private static final Set<String> SAFE = Set.of("GET", "HEAD", "OPTIONS");
    private static final Set<Integer> REFUSED = Set.of(401, 403, 429);

    private Audit() {}

    static void note(Context context, long nanos) {
        int status = context.res().getStatus();
        String method = context.req().getMethod();
        if (!SAFE.contains(method) || REFUSED.contains(status)) {
            LOG.info(
                    "{} from {}{}: {} {} -> {} in {} ms",
                    Access.visitor(context).name(),
                    context.req().getRemoteAddr(),
                    context.header(Peers.FORWARDED) == null ? "" : " through another node",
                    JsonBody.shown(method),
                    JsonBody.shown(context.req().getRequestURI()),
                    status,
                    nanos / 1_000_000);
        }
    }
}
