#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace atelier {

/// A dense matrix, row by row.
class Matrix {
 public:
  Matrix() = default;
  Matrix(std::size_t rows, std::size_t columns) : rows_(rows), columns_(columns), numbers_(rows * columns) {}

  std::size_t rows() const { return rows_; }
  std::size_t columns() const { return columns_; }
  double& operator()(std::size_t row, std::size_t column) { return numbers_[row * columns_ + column]; }
  double operator()(std::size_t row, std::size_t column) const { return numbers_[row * columns_ + column]; }
  std::span<double> row(std::size_t index) { return std::span(numbers_).subspan(index * columns_, columns_); }
  std::span<const double> row(std::size_t index) const {
    return std::span(numbers_).subspan(index * columns_, columns_);
  }

 private:
  std::size_t rows_ = 0, columns_ = 0;
  std::vector<double> numbers_;
};

double dot(std::span<const double> a, std::span<const double> b);

/// y += factor * x.
void add_scaled(std::span<double> y, double factor, std::span<const double> x);

/// The lower triangular L with L L^T = a, zeros above its diagonal. Only the lower triangle of `a` is read. Returns
/// false, with nothing meaningful in `a`, when it is not positive definite to working precision.
bool cholesky(Matrix& a);

/// The inverse of a lower triangular matrix, itself lower triangular.
Matrix inverse_of_lower(const Matrix& lower);

/// (L L^T)^-1 of which `inverse` is L^-1; symmetric, both triangles filled.
Matrix inverse_from_lower(const Matrix& inverse);

Matrix transposed(const Matrix& a);

/// a = vectors * diag(values) * vectors^T, the values ascending, the vectors in columns. Each vector's first component
/// that is not small is positive, so that equal matrices give equal vectors.
struct SymmetricEigen {
  std::vector<double> values;
  Matrix vectors;
};

/// Only the lower triangle of `a` is read.
/// Source: the cyclic Jacobi method; Golub and Van Loan, "Matrix computations", 4th edition, section 8.5.
SymmetricEigen symmetric_eigen(const Matrix& a);

}  // namespace atelier
