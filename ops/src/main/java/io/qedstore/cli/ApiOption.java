package io.qedstore.cli;

import io.qedstore.cli.api.ApiClient;
import io.qedstore.cli.api.TrustedAuthority;
import io.qedstore.qed.ImageChain;
import io.qedstore.security.TokenSecret;
import java.io.IOException;
import java.net.InetAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.UnknownHostException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.Optional;
import javax.net.ssl.SSLContext;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code --api=URL} and how its certificate is judged. */
final class ApiOption {
    @Spec(Spec.Target.MIXEE)
    CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--api",
            paramLabel = "URL",
            defaultValue = "${env:QEDSTORE_API:-http://127.0.0.1:10810}",
            description = "Any node's API (default: what QEDSTORE_API says, else http://127.0.0.1:10810).")
    String url = "";

    @Option(
            names = "--api-ca",
            paramLabel = "FILE",
            description = "PEM file with the authorities that may have signed the node's certificate (default: those"
                    + " that Java trusts).")
    @Nullable
    Path authorities;

    @Option(
            names = "--token-file",
            paramLabel = "FILE",
            defaultValue = "${env:QEDSTORE_TOKEN_FILE}",
            description = "File with the token to show (default: what QEDSTORE_TOKEN_FILE says, else the token in"
                    + " QEDSTORE_TOKEN, else none).")
    @Nullable
    Path tokenFile;

    ApiClient client() throws CommandFailure {
        URI base = base();
        return new ApiClient(base, tls(), token(base));
    }

    private Optional<String> token(URI base) throws CommandFailure {
        Optional<String> text = Optional.ofNullable(System.getenv("QEDSTORE_TOKEN"));
        String where = "QEDSTORE_TOKEN";
        if (tokenFile != null && !tokenFile.toString().isEmpty()) {
            where = "'" + tokenFile + "'";
            try {
                text = Optional.of(Files.readString(tokenFile));
            } catch (IOException e) {
                throw new CommandFailure("the token could not be read from " + where + ": " + ImageChain.reason(e));
            }
        }
        Optional<String> token = text.map(String::strip).filter(some -> !some.isEmpty());
        if (token.isPresent() && TokenSecret.parse(token.get()).isEmpty()) {
            throw new CommandFailure(
                    "there is no token in " + where + ", expected what `qedstore token create` has printed");
        }
        if (token.isPresent() && !isSafe(base)) {
            throw new CommandFailure("a token would go to " + base
                    + " for all to read on the way; ask with https://, or on the node's own machine");
        }
        return token;
    }

    private static boolean isSafe(URI base) {
        try {
            return "https".equalsIgnoreCase(base.getScheme())
                    || InetAddress.getByName(base.getHost()).isLoopbackAddress();
        } catch (UnknownHostException e) {
            return true; // it goes nowhere; connecting says so
        }
    }

    private URI base() {
        try {
            URI uri = new URI(url.endsWith("/") ? url.substring(0, url.length() - 1) : url);
            boolean http = "http".equalsIgnoreCase(uri.getScheme()) || "https".equalsIgnoreCase(uri.getScheme());
            boolean bare = uri.getRawQuery() == null && uri.getRawFragment() == null && uri.getRawUserInfo() == null;
            if (http && bare && uri.getHost() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // said below
        }
        throw new ParameterException(
                spec.commandLine(),
                "--api and QEDSTORE_API expect a URL such as http://127.0.0.1:10810; found '" + Printable.of(url)
                        + "'");
    }

    private Optional<SSLContext> tls() throws CommandFailure {
        if (authorities == null) {
            return Optional.empty();
        }
        try {
            return Optional.of(TrustedAuthority.of(authorities));
        } catch (IOException e) {
            throw notTaken(ImageChain.reason(e));
        } catch (GeneralSecurityException e) {
            throw notTaken(String.valueOf(e.getMessage()));
        }
    }

    private CommandFailure notTaken(String reason) {
        return new CommandFailure("the authorities could not be read from '" + authorities + "': " + reason
                + "; expected a PEM file with X.509 certificates");
    }
}
