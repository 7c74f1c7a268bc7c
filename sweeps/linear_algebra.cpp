#include "sweeps/linear_algebra.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>
#include <utility>

namespace atelier {

double dot(std::span<const double> a, std::span<const double> b) {
  // Eight sums side by side: the order of additions is ours, so that the compiler may use vectors for them.
  std::array<double, 8> sums{};
  std::size_t i = 0;
  for (; i + 8 <= a.size(); i += 8) {
    for (std::size_t lane = 0; lane < 8; ++lane) sums[lane] += a[i + lane] * b[i + lane];
  }
  double sum = ((sums[0] + sums[4]) + (sums[2] + sums[6])) + ((sums[1] + sums[5]) + (sums[3] + sums[7]));
  for (; i < a.size(); ++i) sum += a[i] * b[i];
  return sum;
}

void add_scaled(std::span<double> y, double factor, std::span<const double> x) {
  double* const __restrict to = y.data();
  const double* const __restrict from = x.data();
  const std::size_t size = y.size();
  for (std::size_t i = 0; i < size; ++i) to[i] += factor * from[i];
}

bool cholesky(Matrix& a) {
  const std::size_t n = a.rows();
  std::vector<double> column(n);
  for (std::size_t j = 0; j < n; ++j) {
    if (!(a(j, j) > 0) || !std::isfinite(a(j, j))) return false;
    const double pivot = std::sqrt(a(j, j));
    a(j, j) = pivot;
    for (std::size_t i = j + 1; i < n; ++i) column[i] = a(i, j) /= pivot;
    // What is left to factor, row by row, so that the innermost loop runs along memory.
    for (std::size_t i = j + 1; i < n; ++i) {
      add_scaled(a.row(i).subspan(j + 1, i - j), -column[i], std::span(column).subspan(j + 1, i - j));
    }
    std::fill(a.row(j).begin() + static_cast<std::ptrdiff_t>(j) + 1, a.row(j).end(), 0.0);
  }
  return true;
}

Matrix inverse_of_lower(const Matrix& lower) {
  const std::size_t n = lower.rows();
  Matrix inverse(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t k = 0; k < i; ++k) {
      add_scaled(inverse.row(i).first(k + 1), -lower(i, k), std::as_const(inverse).row(k).first(k + 1));
    }
    const double scale = 1 / lower(i, i);
    for (std::size_t k = 0; k < i; ++k) inverse(i, k) *= scale;
    inverse(i, i) = scale;
  }
  return inverse;
}

Matrix inverse_from_lower(const Matrix& inverse) {
  const std::size_t n = inverse.rows();
  Matrix result(n, n);
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t i = 0; i <= k; ++i)
      add_scaled(result.row(i).first(i + 1), inverse(k, i), inverse.row(k).first(i + 1));
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = i + 1; j < n; ++j) result(i, j) = result(j, i);
  }
  return result;
}

Matrix transposed(const Matrix& a) {
  Matrix result(a.columns(), a.rows());
  for (std::size_t i = 0; i < a.rows(); ++i) {
    for (std::size_t j = 0; j < a.columns(); ++j) result(j, i) = a(i, j);
  }
  return result;
}

SymmetricEigen symmetric_eigen(const Matrix& original) {
  const std::size_t n = original.rows();
  Matrix a(n, n), rows(n, n);  // rows: the vectors, one a row while we turn
  double total = 0;
  for (std::size_t i = 0; i < n; ++i) {
    rows(i, i) = 1;
    for (std::size_t j = 0; j <= i; ++j) {
      a(i, j) = a(j, i) = original(i, j);
      total += original(i, j) * original(i, j);
    }
  }
  constexpr int most_sweeps = 60;  // a handful is usual: convergence is quadratic
  for (int sweep = 0; sweep < most_sweeps; ++sweep) {
    double off = 0;
    for (std::size_t i = 0; i < n; ++i) {
      for (std::size_t j = 0; j < i; ++j) off += a(i, j) * a(i, j);
    }
    if (off <= 1e-32 * total) break;
    for (std::size_t p = 0; p < n; ++p) {
      for (std::size_t q = p + 1; q < n; ++q) {
        if (a(p, q) == 0) continue;
        const double ratio = (a(q, q) - a(p, p)) / (2 * a(p, q));
        const double t = std::copysign(1 / (std::fabs(ratio) + std::hypot(ratio, 1.0)), ratio);
        const double c = 1 / std::hypot(t, 1.0), s = t * c;
        for (std::size_t k = 0; k < n; ++k) {
          const double kp = a(k, p), kq = a(k, q);
          a(k, p) = c * kp - s * kq;
          a(k, q) = s * kp + c * kq;
        }
        for (std::size_t k = 0; k < n; ++k) {
          const double pk = a(p, k), qk = a(q, k);
          a(p, k) = c * pk - s * qk;
          a(q, k) = s * pk + c * qk;
          const double vp = rows(p, k), vq = rows(q, k);
          rows(p, k) = c * vp - s * vq;
          rows(q, k) = s * vp + c * vq;
        }
      }
    }
  }
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(), [&](std::size_t i, std::size_t j) { return a(i, i) < a(j, j); });
  SymmetricEigen result{.values = std::vector<double>(n), .vectors = Matrix(n, n)};
  for (std::size_t k = 0; k < n; ++k) {
    result.values[k] = a(order[k], order[k]);
    const auto vector = std::as_const(rows).row(order[k]);
    const auto large = std::find_if(vector.begin(), vector.end(), [](double x) { return std::fabs(x) > 1e-8; });
    const double sign = large != vector.end() && *large < 0 ? -1 : 1;
    for (std::size_t i = 0; i < n; ++i) result.vectors(i, k) = sign * vector[i];
  }
  return result;
}

}  // namespace atelier
