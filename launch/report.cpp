#include <unistd.h>

#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "analysis/export.h"
#include "analysis/folder_stamp.h"
#include "analysis/report.h"
#include "analysis/summary.h"
#include "analysis/wording.h"
#include "experiments/spec.h"
#include "framework/core/error.h"
#include "framework/core/format.h"
#include "framework/core/stop_signal.h"
#include "framework/storage/atomic_file.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

struct Request {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path file;       ///< Empty: beside what is reported, or here when that is several folders.
  std::filesystem::path csv, json;  ///< Numbers for other programs; "-" is standard output.
  bool assets = false;
  bool watch = false;
};

std::filesystem::path file_of(const Request& request) {
  if (!request.file.empty()) return request.file;
  return (request.folders.size() == 1 ? request.folders.front() : std::filesystem::path()) / "report.html";
}

void say(const Comparison& comparison, std::ostream& out) {
  out << printable(comparison.title) << ": " << counts_in_words(comparison) << "\n";
  for (const std::string& sentence : summary(comparison)) out << printable(sentence) << "\n";
}

/// `reload_seconds`: 0 for a page that nothing renews.
void write_once(const Request& request, int reload_seconds) {
  const std::filesystem::path file = file_of(request);
  ReportOptions options;
  options.reload_seconds = reload_seconds;
  if (request.assets) {
    options.assets = file.parent_path() / (file.stem().string() + "-assets");
    options.sample_steps = 40;
    options.photos = 32;
  }
  const Comparison comparison = write_report(request.folders, known_measures(), file, options);
  // Where standard output is a table that a program reads, words go past it.
  std::ostream& out = request.csv == "-" || request.json == "-" ? std::cerr : std::cout;
  say(comparison, out);
  const double megabytes = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
  out << format("Written: {} ({:.1f} MB)", std::filesystem::absolute(file).lexically_normal().string(), megabytes)
      << std::endl;
}

/// Renews the report when something in the folders changed, until Ctrl-C; the last page does not read itself again.
void watch(const Request& request) {
  constexpr int reload_seconds = 5;
  const StopSignal stop;
  FolderStamp last = folder_stamp(request.folders);
  write_once(request, reload_seconds);
  while (!StopSignal::requested()) {
    sleep(2);  // A signal ends it early.
    if (StopSignal::requested()) break;
    const FolderStamp now = folder_stamp(request.folders);
    if (now == last) continue;
    last = now;
    write_once(request, reload_seconds);
  }
  write_once(request, 0);
}

/// The numbers that were asked for. They alone are written unless the page's place was named too.
/// `page_follows`: which says the words.
void write_numbers(const Request& request, bool page_follows) {
  if (request.csv == "-" && request.json == "-") throw UsageError("--csv and --json cannot both go to standard output");
  const Comparison comparison = compare(request.folders, known_measures());
  const auto write = [](const std::filesystem::path& file, const std::string& text) {
    if (file == "-") {
      std::cout << text << std::flush;
    } else if (!file.empty()) {
      write_file(file, text);
    }
  };
  if (!request.csv.empty()) write(request.csv, trials_csv(comparison));
  if (!request.json.empty()) {
    write(request.json, report_json(comparison).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  }
  const bool piped = request.csv == "-" || request.json == "-";  // A program reads; it wants nothing else.
  if (!piped && !page_follows) say(comparison, std::cout);
}

void run_report(const Request& request) {
  const bool numbers = !request.csv.empty() || !request.json.empty();
  const bool page = request.watch || !numbers || !request.file.empty();
  if (numbers) write_numbers(request, page);
  if (request.watch) {
    watch(request);
  } else if (page) {
    write_once(request, 0);
  }
}

}  // namespace

void add_report(CLI::App& program) {
  const auto request = std::make_shared<Request>();
  CLI::App* verb =
      program.add_subcommand("report", "Compares runs and sweeps in one HTML file that opens without a network");
  verb->add_option("PATH", request->folders, "Sweep and run folders, in any mixture")->required();
  verb->add_option("--out", request->file, "Where to write (default: PATH/report.html; report.html for several)")
      ->type_name("FILE.html");
  verb->add_flag("--assets", request->assets,
                 "All pictures, as they are, in the folder FILE-assets beside the page, for large sweeps");
  verb->add_flag("--watch", request->watch,
                 "Again when something changes, until Ctrl-C; the open page reads itself again");
  verb->add_option("--csv", request->csv, "The trials as a table, one row each; - is standard output")
      ->type_name("FILE");
  verb->add_option("--json", request->json, "All the page has except pictures; - is standard output")
      ->type_name("FILE");
  verb->footer(
      "Example:\n  atelier report out/loss-weights\n  atelier report out/loss-weights runs/baseline --out "
      "compared.html\n  atelier report out/loss-weights --csv trials.csv\n"
      "  atelier report out/loss-weights --watch");
  verb->callback([request] { run_report(*request); });
}

}  // namespace atelier
