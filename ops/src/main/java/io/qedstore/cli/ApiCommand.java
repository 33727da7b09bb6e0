package io.qedstore.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.ApiJson;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** What all commands share that ask a node. */
@Command(mixinStandardHelpOptions = true, sortOptions = false)
abstract class ApiCommand implements Callable<Integer> {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Mixin
    ApiOption api = new ApiOption();

    @Mixin
    OutputOption output = new OutputOption();

    @Override
    public final Integer call() throws IOException, CommandFailure {
        ask(api.client(), spec.commandLine().getOut());
        return 0;
    }

    abstract void ask(ApiClient node, PrintWriter out) throws IOException, CommandFailure;

    /** Prints a record of the API as it is, or a sentence about it. */
    final void say(PrintWriter out, Object record, String sentence) {
        out.println(output.isJson() ? Json.print(ApiJson.mapper().valueToTree(record)) : Printable.of(sentence));
    }

    /** Prints a record as JSON, or what it means in sentences, each on a line. */
    final void say(PrintWriter out, Object record, List<String> sentences) {
        if (output.isJson()) {
            say(out, record, "");
        } else {
            sentences.forEach(sentence -> out.println(Printable.of(sentence)));
        }
    }

    /** A record of the API as JSON, to which more can be added. */
    static ObjectNode json(Object record) {
        return ApiJson.mapper().valueToTree(record);
    }

    final ParameterException wrongUsage(String message) {
        return new ParameterException(spec.commandLine(), message);
    }
}
