# Sourced by the commands that need programs besides Java and Maven.

# need_packages PROGRAM=PACKAGE...: installs the Debian packages whose programs are missing, as root where apt-get
# exists; otherwise says what is missing and returns 1.
need_packages() {
    local pair program missing=()
    for pair in "$@"; do
        program=${pair%%=*}
        command -v "$program" >/dev/null || [ -x "/usr/sbin/$program" ] || [ -x "/sbin/$program" ] || missing+=("${pair#*=}")
    done
    [ ${#missing[@]} -eq 0 ] && return 0
    if [ "$(id -u)" -eq 0 ] && command -v apt-get >/dev/null; then
        echo "installing ${missing[*]}" >&2
        {
            apt-get install -y -qq --no-install-recommends "${missing[@]}" ||
                { apt-get update -qq && apt-get install -y -qq --no-install-recommends "${missing[@]}"; }
        } >/dev/null 2>&1 && return 0
    fi
    echo "missing programs; install these Debian packages: ${missing[*]}" >&2
    return 1
}
