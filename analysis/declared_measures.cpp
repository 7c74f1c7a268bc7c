#include "analysis/declared_measures.h"

#include <algorithm>
#include <vector>

#include "framework/records/run_folder.h"
#include "framework/storage/atomic_file.h"

namespace atelier {

void DeclaredMeasures::read(RunRecord& run) {
  const std::filesystem::path file = RunFolder(run.folder).measures();
  std::error_code ignored;
  if (!std::filesystem::exists(file, ignored)) return;
  try {
    const std::string text = read_file(file);
    auto place = files_.find(text);
    if (place == files_.end()) {
      Measures measures = Measures::from(Document::from_text(text, file.string(), run.folder));
      place = files_.emplace(text, File{"", std::move(measures)}).first;
    }
    const Value* started = run.provenance.find("started");
    if (started && started->is_text()) place->second.started = std::max(place->second.started, started->text());
  } catch (const std::exception& problem) {
    run.problems.emplace_back(problem.what());
  }
}

Measures DeclaredMeasures::all() const {
  std::vector<const File*> files;
  for (const auto& [text, file] : files_) files.push_back(&file);
  std::ranges::stable_sort(files, {}, [](const File* file) { return file->started; });
  Measures all = known_;
  for (const File* file : files) all.add(file->measures.all());
  return all;
}

}  // namespace atelier
