# frozen_string_literal: true

# The files of the project as the lint tests see them: paths are relative to the root.
module SourceTree
  ROOT = File.expand_path("../..", __dir__)
  INCLUDE = /^\s*#\s*include\s*[<"]([^>"]+)[>"]/
  NOT_OURS = %r{\A(build[^/]*|\.gems|\.git|tmp|\.cache)/|/(log|tmp|node_modules)/|\.lock\z}

  def source_files(pattern)
    Dir.glob(pattern, base: ROOT).sort
  end

  # What a fresh clone holds: git's own list, or every file where this is no checkout.
  def project_files
    listed = IO.popen(["git", "-C", ROOT, "ls-files", "-z"], err: File::NULL, &:read).split("\0")
    listed = Dir.glob("**/*", File::FNM_DOTMATCH, base: ROOT) if listed.empty?
    listed.select { |file| File.file?(path(file)) && !file.match?(NOT_OURS) }
  end

  def path(file)
    File.join(ROOT, file)
  end

  def text(file)
    File.read(path(file), encoding: "UTF-8").scrub
  end

  # The names that a C file includes, as they stand there.
  def includes(file)
    text(file).scan(INCLUDE).flatten
  end

  # The project's file that an include means, or nil for one of the system.
  def resolve(from, name)
    beside = File.join(File.dirname(from), name)
    [beside, name].map { |file| file.squeeze("/") }
                  .map { |file| File.expand_path(file, "/").delete_prefix("/") }
                  .find { |file| File.file?(path(file)) }
  end
end
