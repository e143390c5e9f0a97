/*
 * bundler.h: the environment in which `bundle exec` would have started Ruby.
 *
 * Owns RUBYOPT and BUNDLER_ORIG_RUBYOPT while the VM boots. Must not read a Gemfile.
 */
#ifndef SWARM_MOLD_BUNDLER_H
#define SWARM_MOLD_BUNDLER_H

#include "master/util.h"

/*
 * Before the VM: where there is a Gemfile (BUNDLE_GEMFILE, or Gemfile or gems.rb in the working
 * directory) and `bundle exec` has not been here, lets RUBYOPT require bundler/setup. Returns 0 or
 * -ENOMEM.
 */
MUST_CHECK int bundler_prepare(void);

/*
 * After the VM booted: takes our word out of RUBYOPT again. Bundler has put its own, with its full
 * path, there, and programs that jobs start then find what `bundle exec` would have left them.
 */
void bundler_tidy(void);

#endif
