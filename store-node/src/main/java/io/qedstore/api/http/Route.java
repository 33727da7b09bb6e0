package io.qedstore.api.http;

import io.qedstore.security.Role;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What can be done with a path, and how: one line of the table that the server and the OpenAPI document are made of.
 *
 * @param path with the names of its parameters in braces
 * @param role that it takes, where people are asked who they are
 * @param exports whether an export may have to be made first, which takes long
 * @param kinds of problems that it may be answered with, besides those that every request may
 */
record Route(
        String method,
        String path,
        String summary,
        List<Parameter> parameters,
        Optional<Body> body,
        List<Answer> answers,
        Set<ProblemKind> kinds,
        Role role,
        Scope scope,
        boolean exports,
        Handling handling) {
    /** Any request may be refused, wait in vain, or find the node failing. */
    private static final Set<ProblemKind> ALWAYS = Set.of(
            ProblemKind.INVALID,
            ProblemKind.UNAUTHORIZED,
            ProblemKind.FORBIDDEN,
            ProblemKind.TOO_MANY_REQUESTS,
            ProblemKind.INTERNAL,
            ProblemKind.UNAVAILABLE);

    /** What a route is about, for those who were given some images only. */
    enum Scope {
        /** The image that the path names. */
        IMAGE,
        /** Images that the handling looks at itself. */
        IMAGES,
        /** Nothing that anybody has to be kept from who may look at all. */
        COMMON,
        /** More than images. */
        ALL,
        /** Nobody is asked who they are. */
        OPEN
    }

    Route {
        parameters = List.copyOf(parameters);
        answers = List.copyOf(answers);
        kinds = Set.copyOf(kinds);
    }

    /**
     * @param record that the JSON is; empty if it is no JSON
     * @param required whether there has to be one
     */
    record Body(Optional<Class<? extends Record>> record, String mediaType, boolean required) {
        static Body json(Class<? extends Record> record, boolean required) {
            return new Body(Optional.of(record), Answer.JSON, required);
        }
    }

    static Builder get(String path, String summary) {
        return new Builder("GET", path, summary);
    }

    static Builder post(String path, String summary) {
        return new Builder("POST", path, summary);
    }

    static Builder put(String path, String summary) {
        return new Builder("PUT", path, summary);
    }

    static Builder patch(String path, String summary) {
        return new Builder("PATCH", path, summary);
    }

    static Builder delete(String path, String summary) {
        return new Builder("DELETE", path, summary);
    }

    boolean matches(String rawPath) {
        String[] template = path.split("/", -1);
        String[] found = rawPath.split("/", -1);
        if (template.length != found.length) {
            return false;
        }
        for (int i = 0; i < template.length; i++) {
            boolean any = template[i].startsWith("{") && !found[i].isEmpty();
            if (!any && !template[i].equals(found[i])) {
                return false;
            }
        }
        return true;
    }

    /** Puts a line together. */
    static final class Builder {
        private final String method;
        private final String path;
        private final String summary;
        private final List<Parameter> parameters = new ArrayList<>();
        private final List<Answer> answers = new ArrayList<>();
        private final Set<ProblemKind> kinds = EnumSet.copyOf(ALWAYS);
        private Optional<Body> body = Optional.empty();
        private Role role;
        private Scope scope;
        private boolean exports;

        private Builder(String method, String path, String summary) {
            this.method = method;
            this.path = path;
            this.summary = summary;
            this.role = method.equals("GET") ? Role.READER : Role.OPERATOR;
            this.scope = path.contains("{" + ImageRoutes.NAME.name() + "}") ? Scope.IMAGE : Scope.ALL;
        }

        /** Where it is not the role that a method usually takes. */
        Builder takes(Role other) {
            role = other;
            return this;
        }

        /** Where the path does not say it. */
        Builder about(Scope other) {
            scope = other;
            return this;
        }

        Builder with(Parameter... some) {
            parameters.addAll(List.of(some));
            return this;
        }

        Builder reads(Class<? extends Record> record) {
            return reads(Body.json(record, true));
        }

        Builder mayRead(Class<? extends Record> record) {
            return reads(Body.json(record, false));
        }

        Builder readsBytes() {
            return reads(new Body(Optional.empty(), Answer.BYTES, true));
        }

        private Builder reads(Body read) {
            body = Optional.of(read);
            return refuses(ProblemKind.BODY_TOO_LARGE, ProblemKind.UNSUPPORTED_MEDIA_TYPE, ProblemKind.REQUEST_TIMEOUT);
        }

        Builder answers(Answer... some) {
            answers.addAll(List.of(some));
            return this;
        }

        Builder refuses(ProblemKind... some) {
            kinds.addAll(List.of(some));
            return this;
        }

        /** Another node may have to be asked. */
        Builder forwards() {
            return refuses(ProblemKind.BAD_GATEWAY, ProblemKind.GATEWAY_TIMEOUT);
        }

        Builder exports() {
            exports = true;
            return forwards();
        }

        Route by(Handling handling) {
            return new Route(method, path, summary, parameters, body, answers, kinds, role, scope, exports, handling);
        }
    }
}
