#pragma once

#include <functional>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace atelier {

/// Parses a command line with the verbs that `add_verbs` adds, runs the one that was asked for, and returns the
/// program's exit status: 0 done, 1 failed, 2 wrong usage or spec, 130 interrupted. Errors are said in one line on
/// standard error.
int run_program(int argc, char** argv, const std::function<void(CLI::App&)>& add_verbs);

/// Replaces this process by `atelier-engine`, which lies beside this program, with the same arguments. Throws `Error`
/// when that is not there.
[[noreturn]] void hand_over();

/// Thrown where another process says why: this one ends without words.
struct SaidByAnother {
  int exit_status = 1;
};

/// This process' own command line.
std::vector<std::string> command_line();
/// The same as one text, for people to read.
std::string command_line_text();

}  // namespace atelier
