package io.qedstore.api.http;

import static io.qedstore.api.http.Answer.json;
import static io.qedstore.api.http.ProblemKind.CONFLICT;
import static io.qedstore.api.http.ProblemKind.GONE;
import static io.qedstore.api.http.ProblemKind.NOT_FOUND;
import static io.qedstore.api.http.ProblemKind.NO_ROOM;

import io.qedstore.api.ImageInfo;
import io.qedstore.api.ImagePage;
import io.qedstore.api.NewImageRequest;
import io.qedstore.api.NodeService;
import io.qedstore.api.PromoteRequest;
import io.qedstore.api.RenameRequest;
import io.qedstore.api.ResizeRequest;
import io.qedstore.api.SettingsChange;
import io.qedstore.api.UndeleteRequest;
import io.qedstore.security.Role;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Images: list, create, change, delete. */
final class ImageRoutes {
    static final Parameter NAME = Parameter.path("name", "The image's name.");

    private static final String IMAGES = "/v1/images";
    private static final String IMAGE = IMAGES + "/{name}";
    private static final Pattern ID = Pattern.compile("[0-9a-fA-F-]{36}");
    private static final int MOST = 1000;
    private static final int USUAL = 100;
    private static final Parameter AFTER = Parameter.text(
            "after", "The name, or with `trash` the id, behind which the page begins: `next` of the page before.");
    private static final Parameter LIMIT =
            Parameter.number("limit", "How many images at most; " + USUAL + " if it is not said.", 1, MOST);
    private static final Parameter TRASH = Parameter.oneOf(
            "trash",
            "Whether to list deleted images, in the order of their ids, instead of live ones.",
            "true",
            "false");

    private final NodeService node;

    private ImageRoutes(NodeService node) {
        this.node = node;
    }

    static List<Route> of(NodeService node) {
        ImageRoutes images = new ImageRoutes(node);
        return List.of(
                Route.get(IMAGES, "Images in the order of their names, page by page")
                        .with(AFTER, LIMIT, TRASH)
                        .answers(json(200, "A page.", ImagePage.class))
                        .about(Route.Scope.IMAGES)
                        .by(images::list),
                Route.post(IMAGES, "Create an image")
                        .reads(NewImageRequest.class)
                        .answers(json(201, "The image, ready to be written.", ImageInfo.class, "Location"))
                        .refuses(CONFLICT, NOT_FOUND, GONE, NO_ROOM)
                        .about(Route.Scope.IMAGES)
                        .forwards()
                        .by(images::create),
                Route.get(IMAGE, "An image")
                        .with(NAME)
                        .answers(json(200, "The image.", ImageInfo.class))
                        .refuses(NOT_FOUND, GONE)
                        .by(call -> call.answer(200, node.image(call.path(NAME)))),
                changes(Route.patch(IMAGE, "Change how an image is served"))
                        .reads(SettingsChange.class)
                        .by(call -> call.answer(200, node.configure(call.path(NAME), call.body(SettingsChange.class)))),
                changes(Route.delete(IMAGE, "Put an image into the trash"))
                        .by(call -> call.answer(200, node.delete(call.path(NAME)))),
                changes(Route.post(IMAGE + "/rename", "Give an image another name"))
                        .reads(RenameRequest.class)
                        .by(images::rename),
                changes(Route.post(IMAGE + "/resize", "Make an image larger"))
                        .reads(ResizeRequest.class)
                        .refuses(NO_ROOM)
                        .by(call -> call.answer(
                                200,
                                node.resize(
                                        call.path(NAME),
                                        call.body(ResizeRequest.class).sizeBytes()))),
                changes(Route.post(IMAGE + "/undelete", "Take an image, named by its name or id, out of the trash"))
                        .mayRead(UndeleteRequest.class)
                        .by(images::undelete),
                changes(Route.post(IMAGE + "/promote", "Make a node the image's owner"))
                        .reads(PromoteRequest.class)
                        .by(images::promote));
    }

    private static Route.Builder changes(Route.Builder route) {
        return route.with(NAME)
                .answers(json(200, "The image as it is now.", ImageInfo.class))
                .refuses(NOT_FOUND, GONE, CONFLICT)
                .forwards();
    }

    private void list(Call call) throws IOException, RefusedException {
        Optional<String> after = call.query(AFTER);
        int limit = call.number(LIMIT, USUAL);
        boolean trash = call.flag(TRASH);
        List<ImageInfo> oneMore = seen(call.visitor(), trash, after, limit + 1);
        if (oneMore.size() <= limit) {
            call.answer(200, new ImagePage(oneMore, Optional.empty()));
        } else {
            ImageInfo last = oneMore.get(limit - 1);
            call.answer(200, new ImagePage(oneMore.subList(0, limit), Optional.of(key(last, trash))));
        }
    }

    /** Of those that they may see. */
    private List<ImageInfo> seen(Visitor visitor, boolean trash, Optional<String> after, int most) throws IOException {
        List<ImageInfo> seen = new ArrayList<>();
        Optional<String> from = after;
        while (true) {
            List<ImageInfo> page = trash ? node.trash(from, most) : node.images(from, most);
            page.stream().filter(image -> visitor.sees(image.name())).forEach(seen::add);
            if (page.size() < most || seen.size() >= most) {
                return seen.subList(0, Math.min(most, seen.size()));
            }
            from = Optional.of(key(page.get(page.size() - 1), trash));
        }
    }

    private static String key(ImageInfo image, boolean trash) {
        return trash ? image.id() : image.name();
    }

    private void rename(Call call) throws IOException, InterruptedException, RefusedException {
        String name = call.body(RenameRequest.class).name();
        call.visitor().requireSees(name);
        call.answer(200, node.rename(call.path(NAME), name));
    }

    private void undelete(Call call) throws IOException, InterruptedException, RefusedException {
        Optional<String> name = call.optionalBody(UndeleteRequest.class).flatMap(UndeleteRequest::name);
        if (name.isPresent()) {
            call.visitor().requireSees(name.get());
        }
        requireName(call);
        call.answer(200, node.undelete(call.path(NAME), name));
    }

    /** An id may begin as anybody's names do, and be of any image. */
    private static void requireName(Call call) throws RefusedException {
        if (!call.visitor().seesAll() && ID.matcher(call.path(NAME)).matches()) {
            throw new RefusedException(
                    ProblemKind.FORBIDDEN,
                    call.visitor().name()
                            + " is for some images only, and has to say which by its name, not by its id");
        }
    }

    private void create(Call call) throws IOException, InterruptedException, RefusedException {
        NewImageRequest asked = call.body(NewImageRequest.class);
        call.visitor().requireSees(asked.name());
        if (asked.from().isPresent()) {
            call.visitor().requireSees(asked.from().get().split("@", 2)[0]);
        }
        ImageInfo created = node.create(asked);
        call.context().header("Location", IMAGES + "/" + PeerUri.encoded(created.name()));
        call.answer(201, created);
    }

    private void promote(Call call) throws IOException, InterruptedException, RefusedException {
        PromoteRequest asked = call.body(PromoteRequest.class);
        if (asked.force().orElse(false) || asked.dead().isPresent()) {
            call.visitor().require(Role.ADMIN, "taking an image by force");
        }
        call.answer(200, node.promote(call.path(NAME), asked));
    }
}
