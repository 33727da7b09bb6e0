package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import io.qedstore.qed.ImageChain;
import io.qedstore.security.Grant;
import io.qedstore.security.Role;
import io.qedstore.security.TokenSecret;
import java.io.IOException;
import java.io.PrintWriter;
import java.security.SecureRandom;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.concurrent.Callable;
import javax.security.auth.x500.X500Principal;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Gives somebody a role: prints a token once, of which the file keeps a hash, or notes a certificate's subject. */
@Command(
        name = "create",
        mixinStandardHelpOptions = true,
        sortOptions = false,
        description = "Makes a token, and prints it; it is nowhere kept.",
        footer = {
            "",
            "Examples:",
            "  qedstore token create backup --file=/etc/qedstore/tokens.json --role=reader",
            "  qedstore token create web --file=/etc/qedstore/tokens.json --role=operator --prefix=web-",
            "  qedstore token create store2 --file=/etc/qedstore/tokens.json --role=admin --certificate=CN=store2"
        })
final class TokenCreate implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "NAME", description = "Whose it is; the audit log says it.")
    String name = "";

    @Mixin
    TokenFileOption file = new TokenFileOption();

    @Option(
            names = "--role",
            required = true,
            paramLabel = "ROLE",
            description = "reader: look; operator: create, change and delete; admin: all, other nodes' requests too.")
    String role = "";

    @Option(
            names = "--prefix",
            paramLabel = "PREFIX",
            description = "Only for images whose names begin so (default: for all, and for what is no image's).")
    @Nullable
    String prefix;

    @Option(
            names = "--certificate",
            paramLabel = "SUBJECT",
            description =
                    "No token: whoever connects with a client certificate of this subject (api.tls.verify.peer=true).")
    @Nullable
    String certificate;

    @Mixin
    OutputOption output = new OutputOption();

    @Override
    public Integer call() throws CommandFailure {
        TokenSecret token = TokenSecret.random(new SecureRandom());
        Grant grant = grant(token);
        try {
            file.open().change(grants -> with(grants, grant));
        } catch (IOException e) {
            throw new CommandFailure("no token was made: " + ImageChain.reason(e));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (output.isJson()) {
            var json =
                    JsonNodeFactory.instance.objectNode().put("id", grant.id()).put("name", name);
            if (certificate == null) {
                json.put("token", token.text());
            }
            out.println(Json.print(json));
        } else {
            out.println(certificate == null ? token.text() : grant.id());
        }
        return 0;
    }

    private static List<Grant> with(List<Grant> grants, Grant added) {
        List<Grant> more = new ArrayList<>(grants);
        more.add(added);
        return more;
    }

    private Grant grant(TokenSecret token) {
        try {
            if (certificate != null) {
                new X500Principal(certificate);
            }
            return new Grant(
                    token.id(),
                    name,
                    role(),
                    Optional.ofNullable(prefix),
                    Instant.now().truncatedTo(ChronoUnit.SECONDS),
                    certificate == null ? Optional.of(token.sha256()) : Optional.empty(),
                    Optional.ofNullable(certificate));
        } catch (IllegalArgumentException e) {
            throw new ParameterException(spec.commandLine(), Printable.of(String.valueOf(e.getMessage())));
        }
    }

    private Role role() {
        for (Role each : Role.values()) {
            if (each.name().toLowerCase(Locale.ROOT).equals(role)) {
                return each;
            }
        }
        throw new ParameterException(
                spec.commandLine(), "--role expects reader, operator or admin; found '" + Printable.of(role) + "'");
    }
}
