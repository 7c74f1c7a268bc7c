#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>

#include "framework/core/error.h"

namespace atelier {

/// A run is no longer ours: its lease ran out and another process took it over. Whoever sees this must write nothing
/// more.
class ClaimLost : public Error {
 public:
  using Error::Error;
};

/// Who holds a run, as the file of its newest claim says. What that does not say is as in claims of earlier versions.
struct ClaimHolder {
  std::int64_t generation = 0;
  std::string host = "unknown";
  std::int64_t pid = 0;
  std::string machine{}, process_start{};   ///< Tell a process from any other, also of another boot.
  std::string since = "an unknown time";    ///< UTC.
  std::chrono::milliseconds lease{60'000};  ///< Not renewed for so long, the run may be taken over.
  bool released = false;                    ///< It was given back.

  /// "process 4711 on host atlas since 2030-01-31 08:00:00 UTC".
  std::string in_words() const;
};

/// The right to work on one run (a trial of a sweep, or a training of its own), held through files in its folder and
/// nothing else.
///
/// `claim-000001.json` must not exist when it is created, so exactly one process gets it; its modification time is
/// renewed while the holder lives. A claim that was released, whose process is known to be dead, or that was not
/// renewed for a lease may be followed by the next generation, `claim-000002.json`, created the same way. The
/// generation is the claim's fencing token: a holder that finds a later one than its own has lost the run. Ages are
/// differences of times that the file server itself gave, so clocks of hosts do not matter.
///
/// Source of the idea: Gray and Cheriton, "Leases", SOSP 1989.
class Claim {
 public:
  struct Options {
    std::chrono::milliseconds lease{60'000};  ///< Renewed four times in each lease, by one thread for all claims.
  };

  /// None when another process holds the run. Throws `Error` when the folder cannot be written.
  static std::unique_ptr<Claim> take(const std::filesystem::path& run, const Options& options);
  static std::unique_ptr<Claim> take(const std::filesystem::path& run) { return take(run, Options()); }

  /// Who holds a run, or was the last to; none when nobody ever has.
  static std::optional<ClaimHolder> holder(const std::filesystem::path& run);
  /// The file of a claim. Its modification time is that of the last renewal.
  static std::filesystem::path file(const std::filesystem::path& run, std::int64_t generation);
  /// Whether a file of that name in a run's folder belongs to its claims.
  static bool is_claim_file(const std::string& name);

  /// Gives the run back.
  ~Claim();
  Claim(const Claim&) = delete;
  Claim& operator=(const Claim&) = delete;

  std::int64_t generation() const { return generation_; }
  /// How many holders before this one, and after the generation `since`, never gave the run back.
  std::int64_t deaths(std::int64_t since = 0) const;

  /// Throws `ClaimLost` when there is a later generation, or when the run's folder was deleted. Call before anything is
  /// written; from any thread.
  void check() const;
  /// Whether a generation is still the newest: for another process that works for the holder.
  static bool is_newest(const std::filesystem::path& run, std::int64_t generation);

 private:
  Claim(std::filesystem::path run, std::int64_t generation, const Options& options);

  bool is_there() const;

  std::filesystem::path run_;
  std::int64_t generation_;
  int file_ = -1;  ///< The claim's own file, open: what has its name now may be another.
};

}  // namespace atelier
