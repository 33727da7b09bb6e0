package io.qedstore.cli;

import picocli.AutoComplete;
import picocli.CommandLine.Command;

/** Prints a script with which bash and zsh complete commands and options. */
@Command(
        name = "generate-completion",
        description = "Prints a script with which bash and zsh complete commands and options.",
        footer = {"", "Example:", "  source <(qedstore generate-completion)"})
final class CompletionCommand extends AutoComplete.GenerateCompletion {}
