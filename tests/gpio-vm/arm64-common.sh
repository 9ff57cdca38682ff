# shellcheck shell=bash
# Sourced by publish-arm64 and gpio-vm: what both need to work with arm64 packages on an x64 Debian 12.

shopt -s inherit_errexit # or a failed build inside $(cached ...) would go on and be kept

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
self=$(basename "$0")
cache=${FACILITY_CACHE:-${XDG_CACHE_HOME:-$HOME/.cache}/facility}

say() { echo "$self: $*" >&2; }
die() { say "$*"; exit 1; }
skip() { say "skipped: $*"; exit 77; } # 77 is "skipped" to automake, meson and bats-like runners

. /etc/os-release
[ "$(uname -m) ${VERSION_CODENAME:-}" = "x86_64 bookworm" ] ||
  skip "needs Debian 12 (bookworm) on x64; this is ${PRETTY_NAME:-unknown} on $(uname -m)"

# need_tools PACKAGE...: Debian packages for this machine; the only step that needs root.
need_tools() {
  local package log missing=()
  for package; do
    dpkg-query -W -f '${db:Status-Status}\n' "$package" 2>/dev/null | grep -qx installed || missing+=("$package")
  done
  [ ${#missing[@]} -gt 0 ] || return 0
  [ "$(id -u)" = 0 ] || skip "not root; run this once: apt-get install --no-install-recommends ${missing[*]}"
  say "installing with apt: ${missing[*]}"
  log=$(apt-get update -qq 2>&1 &&
    DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends "${missing[@]}" 2>&1) ||
    die "apt-get failed: $log"
}

# arm64_apt ARGS...: apt-get for arm64 with lists, archives and package status of its own, so that the host needs neither
# `dpkg --add-architecture` nor root. Call arm64_update first. amd64 is its second architecture, for what runs on the host.
arm64_apt() { apt-get -c "$cache/arm64-apt/apt.conf" -qq "$@" >&2 || die "apt-get $* for arm64 failed"; }

# arm64_update: takes the host's Debian repositories; its third-party ones often have no arm64. apt reads a -c file after
# the host's own configuration (for its proxy), hence the #clear. The package status is empty, so that
# `install --download-only` gets a package with everything it depends on.
arm64_update() {
  local apt=$cache/arm64-apt
  say "reading Debian's arm64 package lists"
  mkdir -p "$apt"/{lists/partial,archives/partial,log}
  : >"$apt/status"
  apt-get indextargets --format '$(REPO_URI) $(RELEASE) $(COMPONENT)' \
    'Created-By: Packages' 'Origin: Debian' 'Architecture: amd64' | sort -u |
    sed 's|^|deb [signed-by=/usr/share/keyrings/debian-archive-keyring.gpg] |' >"$apt/sources.list"
  [ -s "$apt/sources.list" ] || skip "apt has no Debian package lists; run this once as root: apt-get update"
  cat >"$apt/apt.conf" <<END
#clear APT::Architectures;
#clear APT::Update::Post-Invoke;
APT::Architecture "arm64";
APT::Architectures { "arm64"; "amd64"; };
APT::Install-Recommends "false";
APT::Sandbox::User ""; // the unprivileged _apt could not write into a private folder
Dir::Etc::SourceList "$apt/sources.list";
Dir::Etc::SourceParts "/dev/null";
Dir::Etc::PreferencesParts "/dev/null";
Dir::State "$apt";
Dir::State::Lists "$apt/lists";
Dir::State::Status "$apt/status";
Dir::Cache "$apt";
Dir::Cache::Archives "$apt/archives";
Dir::Log "$apt/log";
END
  arm64_apt update
}

# arm64_depends PACKAGE PREFIX: the package that PACKAGE, a metapackage, stands for now.
arm64_depends() {
  apt-cache -c "$cache/arm64-apt/apt.conf" depends "$1" | sed -n "s/^ *Depends: \($2.*\)/\1/p"
}

# unpack ROOT DEB...: into a usr-merged root. --keep-directory-symlink, or a deb's own /lib folder would replace the
# link; the absolute links become relative, or the linker would follow them out of the root into the host.
unpack() {
  local root=$1 deb link
  shift
  mkdir -p "$root"/usr/{bin,lib,sbin}
  for link in bin lib sbin; do [ -e "$root/$link" ] || ln -s "usr/$link" "$root/$link"; done
  for deb; do dpkg-deb --fsys-tarfile "$deb" | tar -C "$root" -x --keep-directory-symlink --no-same-owner; done
  find "$root" -type l -lname '/*' | while read -r link; do
    ln -sfnr "$root$(readlink "$link")" "$link"
  done
}

# cached NAME FUNCTION: prints the folder $cache/NAME-HASH, filled by `FUNCTION FOLDER` at first use. HASH covers the
# scripts, so that a changed recipe is never served from the cache; the final rename makes an interrupted build harmless.
# Delete the cache to get newer packages.
cached() {
  local dir lock
  dir=$cache/$1-$(cat "$here/arm64-common.sh" "$here/$self" | sha256sum | cut -c1-12)
  if [ ! -d "$dir" ]; then
    mkdir -p "$cache"
    exec {lock}>"$cache/.lock"
    flock "$lock" # two runs at once would download and build into the same folders
    if [ ! -d "$dir" ]; then
      rm -rf "$dir.part"
      mkdir "$dir.part"
      "$2" "$dir.part" >&2
      mv "$dir.part" "$dir"
    fi
    exec {lock}>&-
  fi
  echo "$dir"
}
