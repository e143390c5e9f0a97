# shellcheck shell=bash
# The surroundings that every script shares: where things are, and an environment that owes nothing
# to the caller's. Sourced, never run; changes to the root of the project.

set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
cd "$root"

# Forgets what would make swarm, Sidekiq, Rails or Bundler behave otherwise than on a fresh machine.
# A mirror and certificates that this machine needs to reach its gem source stay.
env_forget_callers() {
  local name
  while read -r name; do
    case $name in
      BUNDLE_MIRROR__* | BUNDLE_SSL_*) ;;
      SWARM_* | SIDEKIQ_* | BUNDLE_* | BUNDLER_* | RUBY_GC_* | RUBYOPT | RUBYLIB) unset "$name" ;;
      RAILS_* | RACK_ENV | APP_ENV | REDIS_* | INDEX | COUNT | DYNO) unset "$name" ;;
      NOTIFY_SOCKET | WATCHDOG_* | LISTEN_* | JOURNAL_STREAM) unset "$name" ;;
      RUNTIME_DIRECTORY | INVOCATION_ID) unset "$name" ;;
    esac
  done < <(compgen -e)
  # Without a locale Ruby reads files as US-ASCII.
  export LC_ALL=C.UTF-8
}

# Gems live in a folder of the project; `.gems/config` keeps the user's per-project settings out.
env_use_gemfile() {
  export BUNDLE_GEMFILE=$root/test/gemfiles/$1.gemfile
  export BUNDLE_PATH=$root/.gems
  export BUNDLE_APP_CONFIG=$root/.gems/config
  export BUNDLE_RETRY=3
  export BUNDLE_DISABLE_VERSION_CHECK=true
  export BUNDLE_SILENCE_ROOT_WARNING=true
  # The system's libraries: seconds in place of minutes to compile.
  export BUNDLE_BUILD__NOKOGIRI=--use-system-libraries
  export BUNDLE_BUILD__SQLITE3=--enable-system-libraries
}

# The sets of gems that the ruby in PATH can have, one a line: the whole test run is with the first, a
# choice of its tests with each of the others. Sidekiq 8 needs Ruby 3.2.
env_gemfile_sets() {
  if ruby -e 'exit((RUBY_VERSION.split(".").map(&:to_i) <=> [3, 2]) >= 0)'; then
    printf '%s\n' sidekiq81 sidekiq73
  else
    printf '%s\n' sidekiq73 sidekiq65 sidekiq70
  fi
}

# The -D switch that makes warnings errors in a CI run.
env_werror() {
  if [[ -n ${CI:-} && ${CI:-} != false ]]; then echo ON; else echo OFF; fi
}

say() {
  printf '%s: %s\n' "$(basename "$0")" "$*"
}

die() {
  printf '%s: %s\n' "$(basename "$0")" "$*" >&2
  exit 1
}
