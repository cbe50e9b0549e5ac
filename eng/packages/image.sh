#!/usr/bin/env bash
# The container image, as an archive that "docker load" and "podman load" read. Its base image is fetched from its registry.
set -euo pipefail
cd "$(dirname "$0")/../.."
published=$(eng/packages/publish.sh linux-x64)
# A directory that brings no .NET needs a base image that does.
[ -e "$published/migrator-service.dll" ] && contained=false || contained=true
archive=$OUT/migrator-$VERSION-image-linux-x64.tar.gz
if ! dotnet msbuild src/Migrator.Service -t:PublishContainer -p:Configuration=Release -p:RuntimeIdentifier=linux-x64 -p:SelfContained=$contained \
    -p:PublishDir="$published/" -p:ContainerArchiveOutputPath="$archive" -p:ContainerImageTag="$VERSION" -p:Version="$VERSION" -nologo -v:quiet > "$WORK/image.log" 2>&1; then
    rm -f "$archive"
    # Not the SDK's stack trace.
    sed -n 's/^.*error \([A-Z0-9]*: .*\) \[.*\]$/\1/p' "$WORK/image.log" | grep -v ': *\(at\|--- End\) ' >&2
    echo "image: the image could not be made. Check that the registry of the base image can be reached, or set ContainerBaseImage." >&2
    exit 1
fi
