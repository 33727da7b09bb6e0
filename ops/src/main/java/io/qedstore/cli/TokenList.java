package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.qed.ImageChain;
import io.qedstore.security.Grant;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** Shows who has which role. Tokens themselves are nowhere to be shown. */
@Command(
        name = "list",
        mixinStandardHelpOptions = true,
        description = "Shows who may use the API.",
        footer = {"", "Example:", "  qedstore token list --file=/etc/qedstore/tokens.json"})
final class TokenList implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    TokenFileOption file = new TokenFileOption();

    @Mixin
    OutputOption output = new OutputOption();

    @Override
    public Integer call() throws CommandFailure {
        List<Grant> grants;
        try {
            grants = file.open().read();
        } catch (IOException e) {
            throw new CommandFailure(ImageChain.reason(e));
        }
        PrintWriter out = spec.commandLine().getOut();
        if (output.isJson()) {
            ArrayNode all = JsonNodeFactory.instance.arrayNode();
            grants.forEach(grant -> all.add(json(grant)));
            out.println(Json.print(all));
            return 0;
        }
        Table table = new Table("ID", "NAME", "ROLE", "IMAGES", "CREATED", "SHOWN BY");
        for (Grant grant : grants) {
            table.row(
                    grant.id(),
                    grant.name(),
                    role(grant),
                    grant.prefix().map(prefix -> prefix + "*").orElse("all"),
                    Said.time(grant.created()),
                    grant.certificate().map(subject -> "certificate " + subject).orElse("token"));
        }
        table.print(out, "");
        return 0;
    }

    private static String role(Grant grant) {
        return grant.role().name().toLowerCase(Locale.ROOT);
    }

    private static ObjectNode json(Grant grant) {
        ObjectNode json = JsonNodeFactory.instance
                .objectNode()
                .put("id", grant.id())
                .put("name", grant.name())
                .put("role", role(grant))
                .put("created", grant.created().toString());
        grant.prefix().ifPresent(prefix -> json.put("prefix", prefix));
        grant.certificate().ifPresent(subject -> json.put("certificate", subject));
        return json;
    }
}
