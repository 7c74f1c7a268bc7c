#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "analysis/export.h"
#include "analysis/report.h"
#include "analysis/summary.h"
#include "analysis/wording.h"
#include "framework/core/format.h"
#include "framework/storage/atomic_file.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

struct ReportOptions {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path file;  ///< Empty: beside what is reported, or here when that is several folders.
  std::filesystem::path csv, json;  ///< Numbers for other programs; "-" is standard output.
};

/// The numbers that were asked for. They alone are written unless the page's place was named too.
void write_numbers(const ReportOptions& options) {
  if (options.csv == "-" && options.json == "-") throw UsageError("--csv and --json cannot both go to standard output");
  const Comparison comparison = compare(options.folders);
  const auto write = [](const std::filesystem::path& file, const std::string& text) {
    if (file == "-") {
      std::cout << text << std::flush;
    } else if (!file.empty()) {
      write_file(file, text);
    }
  };
  if (!options.csv.empty()) write(options.csv, trials_csv(comparison));
  if (!options.json.empty()) write(options.json, report_json(comparison).dump(-1, ' ', false, Json::error_handler_t::replace) + "\n");
  if (options.csv == "-" || options.json == "-") return;  // A program reads; it wants nothing else.
  std::cout << printable(comparison.title) << ": " << counts_in_words(comparison) << "\n";
  for (const std::string& sentence : summary(comparison)) std::cout << printable(sentence) << "\n";
}

void run_report(const ReportOptions& options) {
  const bool numbers = !options.csv.empty() || !options.json.empty();
  if (numbers) write_numbers(options);
  if (numbers && options.file.empty()) return;
  const bool one = options.folders.size() == 1;
  const std::filesystem::path file =
      !options.file.empty() ? options.file : (one ? options.folders.front() : std::filesystem::path()) / "report.html";
  const Comparison comparison = write_report(options.folders, file);
  std::cout << printable(comparison.title) << ": " << counts_in_words(comparison) << "\n";
  for (const std::string& sentence : summary(comparison)) std::cout << printable(sentence) << "\n";
  const double megabytes = static_cast<double>(std::filesystem::file_size(file)) / 1e6;
  std::cout << format("Written: {} ({:.1f} MB)", std::filesystem::absolute(file).lexically_normal().string(), megabytes)
            << std::endl;
}

}  // namespace

void add_report(CLI::App& program) {
  const auto options = std::make_shared<ReportOptions>();
  CLI::App* verb =
      program.add_subcommand("report", "Compares runs and sweeps in one HTML file that opens without a network");
  verb->add_option("PATH", options->folders, "Sweep and run folders, in any mixture")->required();
  verb->add_option("--out", options->file, "Where to write (default: PATH/report.html; report.html for several)")
      ->type_name("FILE.html");
  verb->add_option("--csv", options->csv, "The trials as a table, one row each; - is standard output")->type_name("FILE");
  verb->add_option("--json", options->json, "All the page has except pictures; - is standard output")->type_name("FILE");
  verb->footer(
      "Example:\n  atelier report out/loss-weights\n  atelier report out/loss-weights runs/baseline --out "
      "compared.html\n  atelier report out/loss-weights --csv trials.csv");
  verb->callback([options] { run_report(*options); });
}

}  // namespace atelier
