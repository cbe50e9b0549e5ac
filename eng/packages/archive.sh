#!/usr/bin/env bash
# archive.sh RID: a tar.gz (Windows: a zip) with both programs, and beside it the command line alone as one file.
set -euo pipefail
cd "$(dirname "$0")/../.."
rid=$1
name=migrator-$VERSION-$rid
stage=$WORK/archive-$rid
extension=""
if [ "$rid" = win-x64 ]; then
    extension=.exe
    command -v zip >/dev/null || { echo "win-x64: the program zip is missing. Install it (package zip)." >&2; exit 1; }
fi

published=$(eng/packages/publish.sh "$rid")
mkdir -p "$stage/$name/jobs"
cp -R "$published/." "$stage/$name"
cp jobs/*.json jobs/*.csv "$stage/$name/jobs"
case $rid in linux-*) mkdir "$stage/$name/deploy" && cp deploy/migrator.service deploy/appsettings.json "$stage/$name/deploy" ;; esac
find "$stage/$name" -type d -exec chmod 755 {} +
find "$stage/$name" -type f -exec chmod 644 {} +
chmod 755 "$stage/$name"/migrator{,-service}"$extension"
find "$stage/$name" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
if [ "$rid" = win-x64 ]; then
    (cd "$stage" && find "$name" | sort | zip -q -X -9 "$OUT/$name.zip" -@)
else
    tar --sort=name --owner=0 --group=0 --numeric-owner --format=gnu -C "$stage" -cf - "$name" | gzip -9n > "$OUT/$name.tar.gz"
fi

# Its native library is inside and is unpacked at the first start: what is compiled ahead of time would need it beside.
dotnet publish src/Migrator.Cli -c Release -r "$rid" --self-contained -p:PublishSingleFile=true -p:IncludeNativeLibrariesForSelfExtract=true \
    -p:NativeCommandLine=false -p:DebugType=none -p:Version="$VERSION" -o "$WORK/one-$rid" --nologo -v quiet
install -m 755 "$WORK/one-$rid/migrator$extension" "$OUT/$name$extension"
