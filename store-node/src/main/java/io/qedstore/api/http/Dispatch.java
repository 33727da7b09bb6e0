package io.qedstore.api.http;

import io.javalin.http.Context;
import io.qedstore.api.NotHereException;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What happens to every request, around what its route does. */
final class Dispatch {
    private static final Set<String> SAFE = Set.of("GET", "HEAD");

    private final ApiLimits limits;
    private final Access access;
    private final Forwarding forwarding;

    Dispatch(ApiLimits limits, Access access, Forwarding forwarding) {
        this.limits = limits;
        this.access = access;
        this.forwarding = forwarding;
    }

    void run(Route route, Context context) throws IOException, InterruptedException, RefusedException {
        context.res().setHeader("Cache-Control", "no-store");
        context.res().setHeader("X-Content-Type-Options", "nosniff");
        requireOurOwnPage(context);
        Call call = new Call(context, route, limits, access.admit(route, context));
        try {
            route.handling().handle(call);
        } catch (NotHereException e) {
            forwarding.run(call, e);
        }
    }

    /**
     * A browser says which page makes it change something. Pages of others may not: they could have their visitors change what the
     * visitors, and not they, can reach.
     */
    private static void requireOurOwnPage(Context context) throws RefusedException {
        String origin = context.header("Origin");
        String host = context.header("Host");
        if (origin != null
                && !SAFE.contains(context.req().getMethod())
                && !authority(origin).equals(lower(host))) {
            throw new RefusedException(
                    ProblemKind.FORBIDDEN,
                    "found a page of origin '" + JsonBody.shown(origin) + "', expected one of this node");
        }
    }

    private static String authority(String origin) {
        try {
            return lower(new URI(origin).getRawAuthority());
        } catch (URISyntaxException e) {
            return "?";
        }
    }

    private static String lower(@Nullable String text) {
        return text == null ? "" : text.toLowerCase(Locale.ROOT);
    }
}
