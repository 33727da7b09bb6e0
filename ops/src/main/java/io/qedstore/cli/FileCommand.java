package io.qedstore.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands on plain files. They need no node and no log, and mean what qemu-img's of the same name mean. */
@Command(
        name = "file",
        description = "Works on plain QED files, as qemu-img does.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            FileCreate.class,
            FileInfo.class,
            FileMap.class,
            FileCheck.class,
            FileDump.class,
            FileResize.class,
            FileRebase.class,
            FileCommit.class,
            FileCompare.class,
            FileProve.class,
            FileConvert.class,
            FileServe.class
        })
final class FileCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
