#include "launch/program.h"

#include <unistd.h>

#include <CLI/CLI.hpp>
#include <cstdlib>
#include <iostream>
#include <new>

#include "build_info.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/suggestion.h"
#include "framework/distributed/communicator.h"
#include "framework/distributed/local_job.h"
#include "framework/storage/atomic_file.h"

namespace atelier {
namespace {

/// Whether this process is one of several workers, and not the first.
bool follows_a_worker() {
  try {
    const std::optional<LocalJob> job = LocalJob::of_this_process();
    return job && job->index > 0;
  } catch (const UsageError&) {
    return false;
  }
}

/// All ranks and all workers find the same mistake in a command line or spec, so one of them says it.
int complain_once(const std::string& message, int exit_status) {
  if (follows_a_worker()) return exit_status;
  if (launched_rank() == 0) std::cerr << "atelier: " << message << std::endl;
  return exit_status;
}

/// The complaint about a verb that is not there; empty when it is.
std::string unknown_verb(const CLI::App& program, const std::string& typed) {
  std::vector<std::string> names;
  for (const CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; }))
    names.push_back(verb->get_name());
  const std::vector<std::string_view> views(names.begin(), names.end());
  if (std::find(names.begin(), names.end(), typed) != names.end()) return {};
  const std::string_view near = nearest(typed, views);
  return format("there is no verb \"{}\"; {}", typed,
                near.empty() ? "there are " + quoted_list(views) : format("did you mean \"{}\"?", near));
}

}  // namespace

int run_program(int argc, char** argv, const std::function<void(CLI::App&)>& add_verbs) {
  CLI::App program("Sweeps of image-to-image trainings, on one laptop or a cluster.", "atelier");
  program.set_version_flag("--version", format("atelier {} ({})", build_version, build_commit));
  program.require_subcommand(1);
  program.footer("Each verb explains itself: atelier train --help\n");
  add_verbs(program);
  // CLI11 ends a help text without a newline when it has a footer.
  for (CLI::App* verb : program.get_subcommands([](const CLI::App*) { return true; })) {
    if (!verb->get_footer().ends_with('\n')) verb->footer(verb->get_footer() + "\n");
  }
  try {
    if (argc > 1 && argv[1][0] != '-') {
      const std::string problem = unknown_verb(program, argv[1]);
      if (!problem.empty()) throw UsageError(problem);
    }
    program.parse(argc, argv);
    return 0;
  } catch (const CLI::ParseError& problem) {
    if (problem.get_exit_code() == 0) return program.exit(problem);
    const std::string verb = argc > 1 && argv[1][0] != '-' ? std::string(argv[1]) + " " : "";
    std::string what = problem.what();
    for (char& c : what) c = c == '\n' ? ' ' : c;
    return complain_once(format("{}; see atelier {}--help", what, verb), 2);
  } catch (const UsageError& problem) {
    return complain_once(problem.what(), 2);
  } catch (const Interrupted& stop) {
    return complain_once(stop.what(), 130);
  } catch (const SaidByAnother& other) {
    return other.exit_status;  // the one that says it ends the launch
  } catch (const std::bad_alloc&) {
    std::cerr << "atelier: out of memory" << std::endl;
  } catch (const std::exception& problem) {
    std::cerr << "atelier: " << first_line(problem) << std::endl;
  }
  end_launch(1);
  return 1;
}

std::vector<std::string> command_line() {
  const std::string text = read_file("/proc/self/cmdline");
  std::vector<std::string> words;
  for (std::size_t start = 0; start < text.size();) {
    const std::size_t end = text.find('\0', start);
    words.push_back(text.substr(start, end - start));
    start = end + 1;
  }
  return words;
}

std::string command_line_text() {
  std::string text;
  for (const std::string& word : command_line()) {
    const bool plain = !word.empty() && word.find_first_of(" \t\n\"'\\$&|;<>()*?[]{}`!#~") == std::string::npos;
    std::string shown = word;
    if (!plain) {
      shown = "'";
      for (const char c : word) shown += c == '\'' ? std::string("'\\''") : std::string(1, c);
      shown += "'";
    }
    text += (text.empty() ? "" : " ") + shown;
  }
  return text;
}

void hand_over() {
  const std::filesystem::path engine = std::filesystem::read_symlink("/proc/self/exe").parent_path() / "atelier-engine";
  std::vector<std::string> words = command_line();
  std::vector<char*> arguments;
  for (std::string& word : words) arguments.push_back(word.data());
  arguments.push_back(nullptr);
  execv(engine.c_str(), arguments.data());
  throw Error(
      format("cannot start {}: {}; it is built with libtorch (see ./setup)", engine.string(), system_message(errno)));
}

}  // namespace atelier
