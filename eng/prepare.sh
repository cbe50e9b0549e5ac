# Sourced by test.sh and demo.sh: sees to it that the .NET SDK and the mail servers are there, or continues in a container.
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1

if ! command -v dotnet >/dev/null || ! dotnet --list-sdks | grep -q '^10\.'; then
    echo "The .NET 10 SDK is missing: install it (package dotnet-sdk-10.0 of your distribution or of Microsoft) and run again." >&2
    exit 1
fi

if ! eng/install-test-servers.sh; then
    [ -z "${MIGRATOR_IN_CONTAINER:-}" ] && command -v docker >/dev/null && docker info >/dev/null 2>&1 || exit 1
    echo "Going on in a container (Debian 12)."
    sdk=$(dirname "$(readlink -f "$(command -v dotnet)")")
    exec docker run --rm -e MIGRATOR_IN_CONTAINER=1 -e DOTNET_SYSTEM_GLOBALIZATION_INVARIANT=1 -e HOME=/tmp -e PATH="$sdk:/usr/sbin:/usr/bin:/sbin:/bin" \
        -v "$sdk:$sdk:ro" -v "$PWD:$PWD" -w "$PWD" debian:12 "./$(basename "$0")" "$@"
fi

# Read by eng/CommandLine.targets.
command -v clang >/dev/null || export NativeCommandLine=false
