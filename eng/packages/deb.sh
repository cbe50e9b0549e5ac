#!/usr/bin/env bash
# The Debian package for amd64: both programs, the systemd unit, settings, a directory for job files, a separate user.
set -euo pipefail
cd "$(dirname "$0")/../.."
command -v dpkg-deb >/dev/null || { echo "deb: the program dpkg-deb is missing. Install it (package dpkg)." >&2; exit 1; }
published=$(eng/packages/publish.sh linux-x64)
# Debian's tools take the maintainer from these variables too. Without them, the address is a placeholder that accepts no mail.
maintainer="${DEBFULLNAME:-Migrator contributors} <${DEBEMAIL:-maintainers@migrator.invalid}>"
root=$WORK/deb
documents=$root/usr/share/doc/migrator
mkdir -p "$root"/{DEBIAN,etc/migrator,usr/bin,usr/lib/migrator,usr/lib/systemd/system} "$documents/examples"

cp -R "$published/." "$root/usr/lib/migrator"
# Debian has a separate place for these.
(cd "$root/usr/lib/migrator" && mv LICENSE "$documents/copyright" && mv THIRD-PARTY-NOTICES.txt sbom.cdx.json "$documents")
cp -R jobs/. "$documents/examples"
ln -s ../lib/migrator/migrator "$root/usr/bin/migrator"
# /opt is for software that no package manager knows. /etc/migrator/appsettings.json names both directories, and what is changed there must count.
sed -e s:/opt/migrator/:/usr/lib/migrator/: -e /MIGRATOR_JobsDirectory/d -e /MIGRATOR_StateDirectory/d deploy/migrator.service \
    > "$root/usr/lib/systemd/system/migrator.service"
cp deploy/appsettings.json "$root/etc/migrator"
for page in artifacts/man/*.1; do
    [ -e "$page" ] || continue
    mkdir -p "$root/usr/share/man/man1"
    gzip -9n < "$page" > "$root/usr/share/man/man1/${page##*/}.gz"
done
printf 'migrator (%s) unstable; urgency=medium\n\n  * Version %s.\n\n -- %s  %s\n' "${VERSION/-/\~}" "$VERSION" \
    "$maintainer" "$(date -R -d "@$SOURCE_DATE_EPOCH")" | gzip -9n > "$documents/changelog.gz"

# A directory that brings no .NET needs it installed. OpenSSL is loaded at run time, so that no tool sees it.
glibc=$(grep -aoh 'GLIBC_2\.[0-9]*' "$published/migrator" "$published/migrator-service" | sort -uV | tail -1)
depends="adduser, ca-certificates, libc6 (>= ${glibc#GLIBC_}), libgcc-s1, libstdc++6, libssl3 | libssl3t64"
[ ! -e "$published/migrator-service.dll" ] || depends="$depends, aspnetcore-runtime-10.0"
find "$root" -type d -exec chmod 755 {} +
find "$root" -type f -exec chmod 644 {} +
chmod 755 "$root"/usr/lib/migrator/migrator{,-service}
size=$(du -k -s --apparent-size --exclude=DEBIAN "$root" | cut -f1)
sed -e "s/@VERSION@/${VERSION/-/\~}/" -e "s/@SIZE@/$size/" -e "s/@DEPENDS@/$depends/" -e "s|@MAINTAINER@|${maintainer//&/\\&}|" deploy/debian/control.in > "$root/DEBIAN/control"
echo /etc/migrator/appsettings.json > "$root/DEBIAN/conffiles"
install -m 755 deploy/debian/postinst deploy/debian/prerm deploy/debian/postrm "$root/DEBIAN"
(cd "$root" && find etc usr -type f | sort | xargs -d '\n' md5sum) > "$root/DEBIAN/md5sums"
find "$root" -exec touch --no-dereference --date="@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zzstd -z9 --build "$root" "$OUT/migrator_${VERSION/-/\~}_amd64.deb" >/dev/null
