package io.qedstore.node;

import io.qedstore.api.ImageImports;
import io.qedstore.api.ImportInfo;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NewImportRequest;
import io.qedstore.api.NotHereException;
import io.qedstore.api.ServiceError;
import io.qedstore.api.ServiceException;
import io.qedstore.event.ImageId;
import io.qedstore.event.ImageName;
import io.qedstore.event.NodeId;
import io.qedstore.event.Placement;
import io.qedstore.hosting.HostedImage;
import io.qedstore.imports.ImportStage;
import io.qedstore.imports.KeptImport;
import io.qedstore.index.CatalogImage;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Executor;

/** Imports, as people ask for them. The file comes to the node that is to own the image. */
final class ImportCommands implements ImageImports {
    private static final String OTHERWISE = "import it on another node (owner)";

    private final NodeParts parts;
    private final ImageCreation creation;
    private final Executor importing;
    private final ImportRun run;

    /** @param importing writes files into logs */
    ImportCommands(NodeParts parts, ImageCreation creation, Executor importing) {
        this.parts = parts;
        this.creation = creation;
        this.importing = importing;
        this.run = new ImportRun(parts, creation);
    }

    @Override
    public ImportInfo beginImport(String name, NewImportRequest request) throws IOException {
        ImageName image = new ImageName(name);
        Optional<KeptImport> begun = parts.imports().begun(image, request);
        Optional<CatalogImage> there = parts.index().image(image);
        if (there.isPresent()) {
            return info(begun.filter(each -> each.id().equals(there.get().id()))
                    .orElseThrow(() -> new ServiceException(
                            ServiceError.CONFLICT, "there is an image " + image + " already; take another name")));
        }
        requireSense(request);
        ImageId id = new ImageId(parts.ids().get());
        NewImageRequest asImage = request.asImage(name);
        Placement placement = new Placements(parts.self(), parts.index()).of(id, asImage);
        requireHere(Optional.of(placement.owner().value()));
        requireKnown(placement);
        creation.settings(asImage);
        if (begun.filter(KeptImport::isNoImageYet).isPresent()) {
            return info(begun.get());
        }
        parts.disk().requireRoom(OTHERWISE);
        return info(parts.imports().begin(id, image, request, placement));
    }

    private static void requireSense(NewImportRequest request) throws ServiceException {
        if (request.fileBytes() < 1 || !request.content().matches("[0-9a-f]{32}")) {
            throw new ServiceException(
                    ServiceError.INVALID,
                    "a file of " + request.fileBytes() + " bytes and with a content of "
                            + request.content().length()
                            + " characters; expected 1 byte or more, and 32 hexadecimal digits");
        }
    }

    /** Later would be after the upload. */
    private void requireKnown(Placement placement) throws IOException {
        for (NodeId node : placement.nodes()) {
            if (parts.index().node(node).isEmpty()) {
                throw new ServiceException(ServiceError.NOT_FOUND, "there is no node " + node);
            }
        }
    }

    private void requireHere(Optional<String> node) throws IOException {
        if (node.isPresent() && !node.get().equals(parts.self().value())) {
            if (parts.index().node(new NodeId(node.get())).isEmpty()) {
                throw new ServiceException(ServiceError.NOT_FOUND, "there is no node " + node.get());
            }
            throw new NotHereException(node.get(), "node " + node.get() + " is to own the image, and imports it");
        }
    }

    private KeptImport kept(String name, String id, Optional<String> node) throws IOException {
        requireHere(node);
        return parts.imports().get(new ImageName(name), id);
    }

    @Override
    public ImportInfo importState(String name, String id, Optional<String> node) throws IOException {
        return info(kept(name, id, node));
    }

    @Override
    public ImportInfo importPiece(String name, String id, Optional<String> node, long fileOffset, byte[] piece)
            throws IOException {
        KeptImport into = kept(name, id, node);
        parts.disk().requireRoom(OTHERWISE);
        into.take(fileOffset, piece);
        return info(into);
    }

    @Override
    public ImportInfo finishImport(String name, String id, Optional<String> node) throws IOException {
        KeptImport finished = kept(name, id, node);
        if (finished.arrived()) {
            importing.execute(() -> run.run(finished));
        }
        return info(finished);
    }

    @Override
    public void dropImport(String name, String id, Optional<String> node) throws IOException {
        parts.imports().drop(kept(name, id, node));
    }

    private ImportInfo info(KeptImport of) throws IOException {
        List<String> copies = new ArrayList<>();
        Optional<String> waitsFor = of.state().stage() == ImportStage.COPYING ? look(of, copies) : Optional.empty();
        KeptImport.State state = of.state();
        return new ImportInfo(
                of.id().toString(),
                of.name().value(),
                parts.self().value(),
                Views.word(state.stage()),
                state.detail().or(() -> waitsFor),
                of.request().fileBytes(),
                state.nextOffset(),
                state.loggedBytes(),
                state.sequence().value(),
                copies);
    }

    /**
     * It is done once this node serves the image, and a second one has all of it, if there is to be one.
     *
     * @param copies gets the others that have all of it
     * @return what it waits for
     */
    private Optional<String> look(KeptImport of, List<String> copies) throws IOException {
        CatalogImage image = parts.index()
                .image(of.id())
                .orElseThrow(() -> new IOException("image " + of.id() + " is not in the index, though it was created"));
        long last = of.state().sequence().value();
        for (NodeId node : image.placement().nodes()) {
            boolean isOther = !node.equals(parts.self());
            if (isOther
                    && parts.peers()
                            .applied(node, image)
                            .filter(applied -> applied >= last)
                            .isPresent()) {
                copies.add(node.value());
            }
        }
        long here = parts.hosted()
                .get(image.id())
                .map(HostedImage::status)
                .map(status -> status.applied())
                .orElse(0L);
        if (here < last) {
            return Optional.of("event " + here + " of " + last + " is in this node's file");
        } else if (copies.isEmpty() && !of.placement().replicas().isEmpty()) {
            return Optional.of("no other node has all of it yet");
        }
        of.enter(ImportStage.DONE);
        return Optional.empty();
    }
}
