#!/usr/bin/env bash
# Makes the packages that users install, in artifacts/packages, with SHA256SUMS and the bill of materials.
#   ./build.sh                     everything
#   ./build.sh deb linux-x64       some of it
#   targets: linux-x64 linux-arm64 osx-arm64 win-x64 (archive, and the command line as one file), archives (all four), deb, tool, image, all
#   --version V   instead of that of Directory.Build.props
#   --from DIR    takes both programs from DIR, where they were published for linux-x64, and does not publish them again
# Where one target fails, the others are made all the same; the exit code is 1 then.
set -euo pipefail
cd "$(dirname "$0")"
export DOTNET_CLI_TELEMETRY_OPTOUT=1 DOTNET_NOLOGO=1 LC_ALL=C TZ=UTC

usage() { sed -n '2,/^set/{/^#/s/^# \{0,1\}//p}' "$0"; }
fail() { echo "build.sh: $*" >&2; exit 2; }

version=$(sed -n 's:.*<Version>\(.*\)</Version>.*:\1:p' Directory.Build.props) from="" targets=()
while [ $# -gt 0 ]; do
    case $1 in
        --version | --from)
            [ $# -ge 2 ] || fail "$1 requires a value."
            [ "$1" = --version ] && version=$2 || from=$2
            shift ;;
        -h | --help) usage; exit 0 ;;
        all) targets+=(linux-x64 linux-arm64 osx-arm64 win-x64 deb tool image) ;;
        archives) targets+=(linux-x64 linux-arm64 osx-arm64 win-x64) ;;
        linux-x64 | linux-arm64 | osx-arm64 | win-x64 | deb | tool | image) targets+=("$1") ;;
        *) fail "unknown target or option \"$1\". Run ./build.sh --help." ;;
    esac
    shift
done
[ ${#targets[@]} -gt 0 ] || targets=(linux-x64 linux-arm64 osx-arm64 win-x64 deb tool image)
[[ $version =~ ^[0-9]+\.[0-9]+\.[0-9]+(-[0-9A-Za-z.]+)?$ ]] || fail "\"$version\" is not a version. Use a form such as 1.2.3 or 1.2.3-rc.1."
[ -z "$from" ] || [ -x "$from/migrator" ] || fail "$from has no program migrator. Publish for linux-x64 first, or leave out --from."

export VERSION=$version FROM=${from:+$(realpath "$from")} OUT=${OUT:-$PWD/artifacts/packages} WORK
# The same commit makes the same files.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(git log -1 --format=%ct 2>/dev/null || date +%s)}
export SOURCE_DATE_EPOCH
WORK=$(mktemp -d)
trap 'rm -rf "$WORK"' EXIT
rm -rf "$OUT"
mkdir -p "$OUT"

failed=()
for target in "${targets[@]}"; do
    echo "== $target"
    case $target in
        deb | tool | image) eng/packages/"$target.sh" || failed+=("$target") ;;
        *) eng/packages/archive.sh "$target" || failed+=("$target") ;;
    esac
done

cd "$OUT"
find . -maxdepth 1 -type f ! -name SHA256SUMS -printf '%P\n' | sort | xargs -r sha256sum > SHA256SUMS
echo "== $OUT"
cat SHA256SUMS
if [ ${#failed[@]} -gt 0 ]; then
    echo "build.sh: these were not made, see above: ${failed[*]}" >&2
    exit 1
fi
