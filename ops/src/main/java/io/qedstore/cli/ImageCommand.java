package io.qedstore.cli;

import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** The commands on images. Any node's API answers them. */
@Command(
        name = "image",
        description = "Works on the images that the nodes host.",
        mixinStandardHelpOptions = true,
        synopsisSubcommandLabel = "COMMAND",
        subcommands = {
            ImageCreate.class,
            ImageList.class,
            ImageShow.class,
            ImageRename.class,
            ImageResize.class,
            ImageSet.class,
            ImageDelete.class,
            ImageUndelete.class,
            SnapshotCommand.class,
            ImageRewind.class,
            RetentionCommand.class,
            ImagePromote.class,
            ImageScrub.class,
            ImageHistory.class,
            ImageVerify.class,
            ImageExport.class,
            ImageImport.class
        })
final class ImageCommand implements Runnable {
    @Spec
    CommandSpec spec = CommandSpec.create();

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "a command is missing");
    }
}
