#!/usr/bin/env bash
# Runs script/test in a Debian 13 of its own: made once by debootstrap, kept in a cache outside the
# project, entered in private namespaces of mounts and processes, so that all of it ends with this
# script, also when it is interrupted. It changes nothing of the machine but that cache.
#
# usage: script/support/trixie.sh PART...        what script/test --suite trixie runs
#        script/support/trixie.sh inside ...     what this script runs in the namespaces

# shellcheck source=script/support/env.sh
. "$(dirname "$0")/env.sh"

cache=${SWARM_CACHE:-/var/tmp/sidekiq-swarm}
system=$cache/trixie
# Where the project is in that system; its .gems stays from run to run.
project=/srv/sidekiq-swarm

# Prints the address of the Debian archive that this machine's apt is set to.
debian_mirror() {
  # shellcheck disable=SC2016 # the words are apt's
  apt-get indextargets --format '$(REPO_URI)' 'Created-By: Packages' 'Origin: Debian' \
    'Label: Debian' | sed -n 1p
}

# Runs "inside ..." as the first process of new namespaces, where the kernel ends what it leaves. In
# the background, since bash obeys a signal only between its commands; with job control, since bash
# makes other background processes ignore INT, and the tests would inherit that.
in_namespaces() {
  local namespaces status=0
  set -m
  unshare --mount --pid --fork --kill-child --propagation private script/support/trixie.sh inside "$@" 9>&- &
  namespaces=$!
  # unshare's own death kills the first process.
  # shellcheck disable=SC2064 # the pid of now
  trap "kill -KILL $namespaces 2>/dev/null || true" EXIT
  wait "$namespaces" || status=$?
  trap - EXIT
  return "$status"
}

require_root() {
  [[ $(id -u) == 0 ]] || die "suite trixie: cannot run, it needs root (debootstrap, mounts)"
  command -v apt-get >/dev/null || die "suite trixie: cannot run, there is no apt to make a Debian with"
  unshare --mount --pid --fork --kill-child true 2>/dev/null ||
    die "suite trixie: cannot run, this machine forbids namespaces (unshare)"
}

install_debootstrap() {
  ! command -v debootstrap >/dev/null || return 0
  say "installing debootstrap"
  apt-get -q -o DPkg::Lock::Timeout=300 update
  DEBIAN_FRONTEND=noninteractive apt-get -q -y -o DPkg::Lock::Timeout=300 \
    --no-install-recommends install debootstrap debian-archive-keyring ||
    die "suite trixie: cannot run, debootstrap cannot be installed"
}

# A system that is half made is never used: it gets its name when it is whole.
make_system() {
  local mirror log=$cache/debootstrap.log
  [[ ! -d $system ]] || return 0
  install_debootstrap
  mirror=$(debian_mirror)
  if [[ -z $mirror ]]; then
    apt-get -q -o DPkg::Lock::Timeout=300 update
    mirror=$(debian_mirror)
  fi
  [[ -n $mirror ]] || die "suite trixie: cannot run, apt here names no Debian archive"
  say "making a Debian 13 in $system"
  rm -rf --one-file-system "$system.new"
  in_namespaces make "$mirror" >"$log" 2>&1 || {
    tail -n 20 "$log" >&2
    die "suite trixie: debootstrap failed, see $log"
  }
  mv "$system.new" "$system"
}

# How this machine reaches the network, its packages and its gems.
copy_settings() {
  local file
  cp -L /etc/resolv.conf /etc/hosts "$system/etc/"
  apt-config dump | grep -E '^Acquire::(http|https|Retries|Check-)' >"$system/etc/apt/apt.conf.d/90machine" || true
  mkdir -p "$system/usr/local/share/ca-certificates" "$system/root/.bundle"
  for file in /usr/local/share/ca-certificates/*.crt; do
    [[ ! -f $file ]] || cp -L "$file" "$system/usr/local/share/ca-certificates/"
  done
  file=${SSL_CERT_FILE:-/etc/ssl/certs/ca-certificates.crt}
  [[ ! -f $file ]] || cp -L "$file" "$system/etc/machine-certificates.crt"
  ruby -ryaml -e 'puts YAML.dump(sources: Gem.sources.map(&:to_s))' >"$system/root/.gemrc"
  [[ ! -f $HOME/.bundle/config ]] || cp -L "$HOME/.bundle/config" "$system/root/.bundle/config"
}

# Prints the files that git knows or would take, as far as they are there, each with a NUL behind it.
project_files() {
  local file
  git ls-files -z --cached --others --exclude-standard | while IFS= read -r -d '' file; do
    [[ ! -e $file ]] || printf '%s\0' "$file"
  done
}

# The files of the project as they are now.
copy_project() {
  local place=$system$project
  mkdir -p "$place"
  find "$place" -mindepth 1 -maxdepth 1 ! -name .gems -exec rm -rf --one-file-system {} +
  project_files | tar -c --null -T - | tar -x -C "$place" --no-same-owner
  # The rules for committed files ask git which they are.
  git -C "$place" init -q
  git -C "$place" add -A
}

# Becomes the root of this namespace, with the file systems that a running system has. Not by chroot:
# the kernel lets nobody make a user namespace in one, and tests do.
enter_system() {
  mount --bind "$system" "$system"
  mount -t proc proc "$system/proc"
  mount --rbind /sys "$system/sys"
  mount --rbind /dev "$system/dev"
  mount -t tmpfs -o mode=1777 tmpfs "$system/tmp"
  mount -t tmpfs -o mode=755 tmpfs "$system/run"
  mkdir -p "$system/old"
  cd "$system"
  pivot_root . old
  cd /
  umount -l /old
}

# Prints what of the caller's environment the system needs: proxies and mirrors.
passed_on() {
  local name
  while read -r name; do
    case ${name,,} in
      http_proxy | https_proxy | no_proxy | bundle_mirror__* | bundle_ssl_*) printf '%s=%s\n' "$name" "${!name}" ;;
    esac
  done < <(compgen -e)
}

# The first process of the namespaces: not replaced by the test run, so that it reaps what that leaves.
inside() {
  local order=$1 environment
  shift
  if [[ $order == make ]]; then
    debootstrap --variant=minbase trixie "$system.new" "$1"
    return
  fi
  mapfile -t environment < <(passed_on)
  environment+=("PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin" "HOME=/root" "LC_ALL=C.UTF-8"
    "CI=true" "SSL_CERT_FILE=/etc/machine-certificates.crt" "TERM=dumb")
  enter_system
  [[ -f /etc/machine-certificates.crt ]] || environment+=("SSL_CERT_FILE=")
  for part in "$@"; do
    parts+=(--only "$part")
  done
  cd "$project"
  env -i "${environment[@]}" script/test "${parts[@]}"
}

if [[ ${1:-} == inside ]]; then
  shift
  parts=()
  inside "$@"
  exit
fi

require_root
trap 'exit 130' INT
trap 'exit 143' TERM HUP
mkdir -p "$cache"
[[ -O $cache ]] || die "suite trixie: $cache belongs to another user; set SWARM_CACHE"
exec 9>"$cache/lock"
flock -n 9 || die "suite trixie: another run uses $cache"
make_system
copy_settings
copy_project
say "script/test in $system"
in_namespaces test "$@"
