#!/usr/bin/env bash
# publish.sh RID: both programs for one kind of machine, each one file that needs no .NET. Prints the directory; the second call finds them there.
set -euo pipefail
cd "$(dirname "$0")/../.."
rid=$1
if [ "$rid" = linux-x64 ] && [ -n "$FROM" ]; then
    directory=$FROM
else
    directory=$WORK/publish-$rid
    if [ ! -d "$directory" ]; then
        # Without clang, the command line is an ordinary program here too.
        command -v clang >/dev/null || export NativeCommandLine=false
        dotnet publish src/Migrator.Service -c Release -r "$rid" --self-contained -p:PublishSingleFile=true -p:DebugType=none \
            -p:Version="$VERSION" -o "$directory.new" --nologo -v quiet >&2
        mv "$directory.new" "$directory"
    fi
fi
cp "$directory/sbom.cdx.json" "$directory/THIRD-PARTY-NOTICES.txt" "$OUT"
echo "$directory"
