#include <CLI/CLI.hpp>
#include <filesystem>
#include <iostream>
#include <memory>

#include "analysis/report.h"
#include "analysis/summary.h"
#include "analysis/wording.h"
#include "framework/core/format.h"
#include "launch/verbs.h"

namespace atelier {
namespace {

struct ReportOptions {
  std::vector<std::filesystem::path> folders;
  std::filesystem::path file;  ///< Empty: beside what is reported, or here when that is several folders.
};

void run_report(const ReportOptions& options) {
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
  verb->footer(
      "Example:\n  atelier report out/loss-weights\n  atelier report out/loss-weights runs/baseline --out "
      "compared.html");
  verb->callback([options] { run_report(*options); });
}

}  // namespace atelier
