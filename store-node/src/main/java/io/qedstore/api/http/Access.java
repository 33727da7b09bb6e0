package io.qedstore.api.http;

import io.javalin.http.Context;
import io.qedstore.security.Grant;
import io.qedstore.security.ReloadingTokens;
import io.qedstore.security.Role;
import io.qedstore.security.TokenSecret;
import java.io.IOException;
import java.security.cert.X509Certificate;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Says who has sent a request, and whether they may do what it asks for. Safe for many threads. */
final class Access {
    private static final String BEARER = "Bearer ";

    /** Where Jetty puts the client's certificates. */
    private static final String CERTIFICATES = "jakarta.servlet.request.X509Certificate";

    private static final String VISITOR = Access.class.getName();

    private final Optional<ReloadingTokens> tokens;
    private final AuthFailures failures;

    /** @param tokens empty if nobody is asked who they are */
    Access(Optional<ReloadingTokens> tokens, AuthFailures failures) {
        this.tokens = tokens;
        this.failures = failures;
    }

    /**
     * Lets a request in.
     *
     * @throws RefusedException if it does not say whose it is, or they may not do that
     */
    Visitor admit(Route route, Context context) throws RefusedException {
        if (tokens.isEmpty() || route.scope() == Route.Scope.OPEN) {
            return Visitor.ANYBODY;
        }
        Visitor visitor = visitor(tokens.get(), context);
        context.attribute(VISITOR, visitor);
        visitor.require(route.role(), route.method() + " " + route.path());
        if (route.scope() == Route.Scope.IMAGE) {
            visitor.requireSees(context.pathParam(ImageRoutes.NAME.name()));
        } else if (route.scope() == Route.Scope.ALL && !visitor.seesAll()) {
            throw new RefusedException(
                    ProblemKind.FORBIDDEN,
                    visitor.name() + " is for some images only, and " + route.method() + " " + route.path()
                            + " is about more than images");
        }
        return visitor;
    }

    /** Who it was, as far as that is known. */
    static Visitor visitor(Context context) {
        Visitor visitor = context.attribute(VISITOR);
        return visitor == null ? Visitor.ANYBODY : visitor;
    }

    static String word(Role role) {
        return role.name().toLowerCase(Locale.ROOT);
    }

    private Visitor visitor(ReloadingTokens known, Context context) throws RefusedException {
        try {
            String header = context.header("Authorization");
            if (header != null) {
                Optional<Grant> grant = header.startsWith(BEARER)
                        ? find(known, header.substring(BEARER.length()).strip())
                        : Optional.empty();
                return grant.map(found -> new Visitor("token " + found.name() + " (" + found.id() + ")", grant))
                        .orElseThrow(() -> refused(context, "that token is not known here, or was revoked"));
            }
            Optional<Grant> grant = certificate(context).isPresent()
                    ? known.find(certificate(context).get().getSubjectX500Principal())
                    : Optional.empty();
            return grant.map(found -> new Visitor("certificate " + found.name() + " (" + found.id() + ")", grant))
                    .orElseThrow(() -> refused(context, "the request says not whose it is"));
        } catch (IOException e) {
            throw new RefusedException(ProblemKind.UNAVAILABLE, "nobody can be let in now: " + e.getMessage());
        }
    }

    private static Optional<Grant> find(ReloadingTokens known, String text) throws IOException {
        Optional<TokenSecret> token = TokenSecret.parse(text);
        return token.isPresent() ? known.find(token.get()) : Optional.empty();
    }

    private static Optional<X509Certificate> certificate(Context context) {
        Object found = context.req().getAttribute(CERTIFICATES);
        return found instanceof X509Certificate[] chain && chain.length > 0 ? Optional.of(chain[0]) : Optional.empty();
    }

    private RefusedException refused(Context context, String why) {
        long seconds = failures.failed(context.req().getRemoteAddr());
        if (seconds > 0) {
            return new RefusedException(
                    ProblemKind.TOO_MANY_REQUESTS,
                    "too many requests from " + context.req().getRemoteAddr() + " did not say whose they are; wait "
                            + seconds + " s",
                    Map.of("Retry-After", Long.toString(seconds)));
        }
        return new RefusedException(
                ProblemKind.UNAUTHORIZED,
                why + "; expected 'Authorization: Bearer' and a token that `qedstore token create` has printed",
                Map.of("WWW-Authenticate", "Bearer realm=\"qedstore\""));
    }
}
