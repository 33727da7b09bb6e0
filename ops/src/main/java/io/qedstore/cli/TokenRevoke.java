package io.qedstore.cli;

import io.qedstore.qed.ImageChain;
import io.qedstore.security.Grant;
import io.qedstore.security.TokenFile;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Takes a role away again. */
@Command(
        name = "revoke",
        mixinStandardHelpOptions = true,
        description = "Takes a token out of the file: nodes refuse it from the next request on.",
        footer = {"", "Example:", "  qedstore token revoke k3f9x0c2ab --file=/etc/qedstore/tokens.json"})
final class TokenRevoke implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "ID", description = "As `token list` shows it; a token has it behind `qst_`.")
    String id = "";

    @Mixin
    TokenFileOption file = new TokenFileOption();

    @Override
    public Integer call() throws CommandFailure {
        TokenFile tokens = file.open();
        try {
            if (!Files.exists(file.file)) {
                throw new CommandFailure("there is no file " + file.file);
            }
            if (tokens.read().stream().noneMatch(this::isMeant)) {
                throw new CommandFailure(
                        "nobody has the id '" + id + "' in " + file.file + "; `token list` shows who is there");
            }
            tokens.change(this::without);
        } catch (IOException e) {
            throw new CommandFailure("nothing was revoked: " + ImageChain.reason(e));
        }
        spec.commandLine().getOut().println("revoked " + id);
        return 0;
    }

    private boolean isMeant(Grant grant) {
        return grant.id().equals(id);
    }

    private List<Grant> without(List<Grant> grants) {
        return grants.stream().filter(grant -> !isMeant(grant)).toList();
    }
}
