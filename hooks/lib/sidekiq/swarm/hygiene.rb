# frozen_string_literal: true

# Looks at what is alive in this process beside the main thread: threads, which a fork loses silently,
# sockets, which it shares, and names of this process, which it copies. It only looks: it must not end, close
# or open anything.

require_relative "identities"

module Sidekiq
  module Swarm
    # What a fork would lose or share.
    module Hygiene
      # They make themselves anew in a fork: ActiveRecord's pool reaper, Timeout's thread, and the mold's own,
      # which C ends before it forks.
      SELF_HEALING = ["AR Pool Reaper", "Timeout stdlib thread", "swarm-trace"].freeze
      STANDARD_STREAMS = 2

      class << self
        # Threads other than the main one and those that heal themselves: "name (started at file:line)".
        def threads
          others = Thread.list.reject { |thread| thread == Thread.main || SELF_HEALING.include?(thread.name) }
          others.map { |thread| "#{thread.name || "unnamed"} (started at #{origin(thread)})" }
        end

        # Open sockets beside the mold's link: "fd 12 tcp 127.0.0.1:6379".
        def sockets
          descriptors.filter_map { |fd| describe(fd) }
        end

        # Names of this process that were memoized: `Shop::Node @id = "web-1:4711"`.
        def identities
          Identities.new.find.map { |place, value| "#{place} = #{value.inspect}" }
        end

        # The backtrace of each Ruby thread, as one text.
        def backtraces
          Thread.list.map do |thread|
            name = thread == Thread.main ? "main" : thread.name || "unnamed"
            ["thread #{name} #{thread.status}", *thread.backtrace].join("\n  ")
          end.join("\n")
        end

        private

        # Thread#inspect is the only place that tells where a thread was started.
        def origin(thread)
          thread.inspect[/ (\S+:\d+) /, 1] || "unknown"
        end

        def descriptors
          Dir.children("/proc/self/fd").map(&:to_i).sort.select { |fd| fd > STANDARD_STREAMS && socket?(fd) }
        rescue SystemCallError
          []
        end

        def socket?(descriptor)
          File.readlink("/proc/self/fd/#{descriptor}").start_with?("socket:")
        rescue SystemCallError
          false
        end

        def describe(descriptor)
          require "socket"
          socket = BasicSocket.for_fd(descriptor)
          socket.autoclose = false
          kind = socket.getsockopt(:SOCKET, :TYPE).int
          # The mold's own link, and nothing an application would use.
          return if kind == Socket::SOCK_SEQPACKET

          "fd #{descriptor} #{family(socket, kind)} #{peer(socket)}"
        rescue SystemCallError
          nil
        end

        def family(socket, kind)
          return "unix" if socket.local_address.unix?

          kind == Socket::SOCK_DGRAM ? "udp" : "tcp"
        end

        # Whom it is connected to, else what it listens on.
        def peer(socket)
          address(socket.remote_address)
        rescue SystemCallError
          "#{address(socket.local_address)} (not connected)"
        end

        def address(info)
          return info.inspect_sockaddr unless info.unix?

          info.unix_path.empty? ? "unnamed" : info.unix_path
        end
      end
    end
  end
end
