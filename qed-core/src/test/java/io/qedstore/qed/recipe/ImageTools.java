package io.qedstore.qed.recipe;

import io.qedstore.qed.GuestImage;
import io.qedstore.qed.HeaderReader;
import io.qedstore.qed.ImageChain;
import io.qedstore.qed.ImageFormat;
import io.qedstore.qed.NewImage;
import io.qedstore.qed.PlainImage;
import io.qedstore.qed.QedImage;
import io.qedstore.qed.RawImage;
import io.qedstore.qed.file.ChannelImageFile;
import io.qedstore.qed.file.FileAccess;
import io.qedstore.qed.file.ImageFile;
import io.qedstore.qed.format.HeaderLayout;
import io.qedstore.qed.format.ImageGeometry;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The commands of qemu-img and qemu-io that recipes use, done by the engine. */
final class ImageTools {
    private final Path folder;

    ImageTools(Path folder) {
        this.folder = folder;
    }

    void run(List<String> words) throws IOException {
        boolean io = words.get(0).equals("qemu-io");
        List<String> rest = words.subList(io ? 1 : 2, words.size());
        switch (io ? "io" : words.get(1)) {
            case "io" -> io(Arguments.parse(rest, Set.of("-f", "-c"), Set.of("-r")));
            case "create" -> create(Arguments.parse(rest, Set.of("-f", "-o", "-b", "-F"), Set.of("-q", "-u")));
            case "resize" -> resize(Arguments.parse(rest, Set.of("-f"), Set.of("-q")));
            case "rebase" -> rebase(Arguments.parse(rest, Set.of("-f", "-b", "-F"), Set.of("-u")));
            case "check" -> repair(Arguments.parse(rest, Set.of("-f", "-r"), Set.of("-q")));
            default -> throw new UnsupportedOperationException("qemu-img " + words.get(1));
        }
    }

    private void create(Arguments arguments) throws IOException {
        Path path = folder.resolve(arguments.operand(0));
        String backing = arguments.get("-b", "");
        String backingFormat = arguments.get("-F", "");
        long size = arguments.operands() > 1
                ? ByteCount.parse(arguments.operand(1))
                : sizeOf(ImageChain.resolve(path, backing), backingFormat);
        long sizeBytes = size + 511 & -512;
        try (ChannelImageFile file = ChannelImageFile.createOrOpen(path)) {
            if (arguments.get("-f", "").equals("raw")) {
                file.setLength(0);
                file.setLength(sizeBytes);
            } else {
                ImageGeometry geometry = geometry(arguments.get("-o", ""));
                new NewImage(geometry, sizeBytes, backing, backingFormat).createIn(file, HeaderLayout.FINAL);
            }
        }
    }

    private static long sizeOf(Path path, String format) throws IOException {
        try (GuestImage image = ImageChain.openReadOnly(path, format(format))) {
            return image.sizeBytes();
        }
    }

    private static ImageFormat format(String name) {
        return ImageFormat.valueOf(name.toUpperCase(Locale.ROOT));
    }

    private static ImageGeometry geometry(String options) {
        int clusterSize = ImageGeometry.DEFAULT_CLUSTER_SIZE;
        int tableSize = ImageGeometry.DEFAULT_TABLE_SIZE;
        for (String option : options.isEmpty() ? new String[0] : options.split(",", -1)) {
            String value = option.substring(option.indexOf('=') + 1);
            if (option.startsWith("cluster_size=")) {
                clusterSize = Math.toIntExact(ByteCount.parse(value));
            } else {
                tableSize = Integer.parseInt(value);
            }
        }
        return new ImageGeometry(clusterSize, tableSize);
    }

    private void io(Arguments arguments) throws IOException {
        Path path = folder.resolve(arguments.operand(0));
        ImageFormat format = format(arguments.get("-f", ""));
        List<String> commands = arguments.all("-c");
        if (arguments.has("-r")) {
            try (GuestImage image = ImageChain.openReadOnly(path, format)) {
                QemuIoScript.run(image, commands);
            }
            return;
        }
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.WRITE)) {
            GuestImage image = format == ImageFormat.RAW ? new RawImage(path.toString(), file) : open(path, file);
            if (QemuIoScript.run(image, commands) == QemuIoScript.End.DONE) {
                image.close();
            }
        }
    }

    /** A killed program closes its descriptors and nothing else; so the image comes with a file of its own. */
    private static PlainImage open(Path path, ImageFile file) throws IOException {
        HeaderReader start = HeaderReader.read(file, HeaderLayout.FINAL);
        @Nullable
        GuestImage backing = start.backing().exists()
                ? ImageChain.openReadOnly(
                        ImageChain.resolve(path, start.backing().name()),
                        start.backing().format())
                : null;
        return PlainImage.open(path.toString(), file, backing, QedImage.DEFAULT_L2_CACHE_BYTES);
    }

    private void resize(Arguments arguments) throws IOException {
        try (PlainImage image = PlainImage.open(folder.resolve(arguments.operand(0)))) {
            image.resize(ByteCount.parse(arguments.operand(1)));
        }
    }

    private void rebase(Arguments arguments) throws IOException {
        Path path = folder.resolve(arguments.operand(0));
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.WRITE);
                PlainImage image = PlainImage.open(path.toString(), file, null, QedImage.DEFAULT_L2_CACHE_BYTES)) {
            image.changeBackingFile(
                    arguments.get("-b", ""), arguments.get("-F", "").equals("raw"));
        }
    }

    private void repair(Arguments arguments) throws IOException {
        Path path = folder.resolve(arguments.operand(0));
        try (ChannelImageFile file = ChannelImageFile.open(path, FileAccess.WRITE)) {
            PlainImage.repair(file, HeaderReader.read(file, HeaderLayout.FINAL).header());
        }
        PlainImage.open(path).close();
    }
}
