package io.qedstore.security;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.nio.file.attribute.UserPrincipal;
import java.security.SecureRandom;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import javax.security.auth.x500.X500Principal;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class TokenFileTest {
    private final Path path;
    private final TokenFile file;
    private final SecureRandom random = new SecureRandom();

    TokenFileTest(@TempDir Path folder) {
        path = folder.resolve("tokens.json");
        file = new TokenFile(path);
    }

    private Grant grant(TokenSecret token) {
        return new Grant(
                token.id(),
                "ci",
                Role.OPERATOR,
                Optional.of("web-"),
                Instant.parse("2026-11-29T12:00:00Z"),
                Optional.of(token.sha256()),
                Optional.empty());
    }

    private TokenSecret add() throws IOException {
        TokenSecret token = TokenSecret.random(random);
        add(grant(token));
        return token;
    }

    private void add(Grant grant) throws IOException {
        file.change(grants -> {
            List<Grant> more = new ArrayList<>(grants);
            more.add(grant);
            return more;
        });
    }

    @Test
    void aTokenIsFoundAgainByWhatItsBearerShowsAndTheFileDoesNotHoldIt() throws IOException {
        TokenSecret token = add();
        ReloadingTokens tokens = new ReloadingTokens(file);
        TokenSecret shown = TokenSecret.parse(token.text()).orElseThrow();
        assertThat(tokens.find(shown)).contains(grant(token));
        assertThat(Files.readString(path)).contains(token.id()).doesNotContain(token.secret());
        assertThat(token.toString()).doesNotContain(token.secret());
        assertThat(tokens.find(
                        new TokenSecret(token.id(), TokenSecret.random(random).secret())))
                .isEmpty();
        assertThat(tokens.find(TokenSecret.random(random))).isEmpty();
        assertThat(TokenSecret.parse(token.text() + "x")).isEmpty();
    }

    @Test
    void whatIsRevokedOrAddedCountsAtOnce() throws IOException {
        TokenSecret first = add();
        ReloadingTokens tokens = new ReloadingTokens(file);
        TokenSecret second = add();
        assertThat(tokens.find(second)).isPresent();
        file.change(grants ->
                grants.stream().filter(grant -> !grant.id().equals(first.id())).toList());
        assertThat(tokens.find(first)).isEmpty();
        assertThat(tokens.find(second)).isPresent();
    }

    @Test
    void aCertificateIsFoundByItsSubjectHoweverItIsWritten() throws IOException {
        add(new Grant(
                "0123456789",
                "store2",
                Role.ADMIN,
                Optional.empty(),
                Instant.EPOCH,
                Optional.empty(),
                Optional.of("CN=store2, O=Example")));
        ReloadingTokens tokens = new ReloadingTokens(file);
        assertThat(tokens.find(new X500Principal("cn=Store2,o=example"))).isPresent();
        assertThat(tokens.find(new X500Principal("cn=store2"))).isEmpty();
    }

    @Test
    void onlyItsOwnerMayReadItAndItKeepsTheModeThatItIsGiven() throws IOException {
        add();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-------");
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-r-----"));
        add();
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(path)))
                .isEqualTo("rw-r-----");
    }

    /** Else a node that runs as somebody else could not read it any more. */
    @Test
    void whoeverChangesItItStaysWhoseItWas() throws IOException {
        assumeTrue(System.getProperty("user.name").equals("root"), "only root gives files away");
        add();
        UserPrincipal nobody =
                path.getFileSystem().getUserPrincipalLookupService().lookupPrincipalByName("nobody");
        Files.setOwner(path, nobody);
        add();
        assertThat(Files.getOwner(path)).isEqualTo(nobody);
    }

    @Test
    void aFileThatAnybodyMayChangeLetsNobodyIn() throws IOException {
        TokenSecret token = add();
        ReloadingTokens tokens = new ReloadingTokens(file);
        Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rw-rw-rw-"));
        Files.writeString(path, Files.readString(path) + " ");
        assertThatThrownBy(() -> tokens.find(token))
                .isInstanceOf(IOException.class)
                .hasMessageContaining("chmod it to 0600");
        assertThatThrownBy(() -> tokens.find(token)).isInstanceOf(IOException.class);
    }

    @Test
    void aFileThatIsNotUnderstoodLetsNobodyInUntilItIs() throws IOException {
        TokenSecret token = add();
        String good = Files.readString(path);
        ReloadingTokens tokens = new ReloadingTokens(file);
        for (String bad : List.of(
                "",
                "null",
                "{}",
                "{\"version\":2,\"grants\":[]}",
                "{\"version\":1,\"grants\":[{\"id\":\"../..\"}]}",
                good.replace("OPERATOR", "EMPEROR"),
                good.substring(0, good.length() / 2))) {
            Files.writeString(path, bad);
            assertThatThrownBy(() -> tokens.find(token)).as(bad).isInstanceOf(IOException.class);
            assertThatThrownBy(() -> new ReloadingTokens(file)).as(bad).isInstanceOf(IOException.class);
        }
        Files.writeString(path, good + "\n");
        assertThat(tokens.find(token)).isPresent();
        Files.delete(path);
        assertThatThrownBy(() -> tokens.find(token)).isInstanceOf(IOException.class);
    }

    @Test
    void ofManyWhoChangeItAtOnceNoneIsForgotten() throws IOException {
        List<CompletableFuture<Void>> all = new ArrayList<>();
        for (int i = 0; i < 4; i++) {
            Grant grant = grant(TokenSecret.random(random));
            all.add(CompletableFuture.runAsync(() -> {
                try {
                    synchronized (this) { // threads of one process; processes wait for the lock of the file
                        add(grant);
                    }
                } catch (IOException e) {
                    throw new CompletionException(e);
                }
            }));
        }
        all.forEach(CompletableFuture::join);
        assertThat(file.read()).hasSize(4);
    }
}
