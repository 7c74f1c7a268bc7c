#include "sweeps/linear_algebra.h"

#include <gtest/gtest.h>

#include <cmath>

#include "framework/core/random.h"
#include "sweeps/box_minimizer.h"
#include "sweeps/normal_distribution.h"

namespace atelier {
namespace {

Matrix matrix(std::size_t rows, std::vector<double> numbers) {
  Matrix m(rows, numbers.size() / rows);
  for (std::size_t i = 0; i < numbers.size(); ++i) m(i / m.columns(), i % m.columns()) = numbers[i];
  return m;
}

TEST(LinearAlgebra, CholeskyOfAMatrixDoneByHand) {
  // L = [2 0 0; 1 3 0; -1 2 1], so L L^T is:
  Matrix a = matrix(3, {4, 2, -2, 2, 10, 5, -2, 5, 6});
  ASSERT_TRUE(cholesky(a));
  const std::vector<double> expected{2, 0, 0, 1, 3, 0, -1, 2, 1};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_DOUBLE_EQ(a(i / 3, i % 3), expected[i]);
  // L^-1 by forward substitution.
  const Matrix inverse = inverse_of_lower(a);
  const std::vector<double> expected_inverse{0.5, 0, 0, -1.0 / 6, 1.0 / 3, 0, 5.0 / 6, -2.0 / 3, 1};
  for (std::size_t i = 0; i < 9; ++i) EXPECT_NEAR(inverse(i / 3, i % 3), expected_inverse[i], 1e-15);
}

TEST(LinearAlgebra, CholeskyRefusesWhatIsNotPositiveDefinite) {
  Matrix a = matrix(2, {1, 2, 2, 1});
  EXPECT_FALSE(cholesky(a));
  Matrix nan = matrix(1, {std::nan("")});
  EXPECT_FALSE(cholesky(nan));
}

TEST(LinearAlgebra, TheInverseTimesTheMatrixIsTheIdentity) {
  constexpr std::size_t n = 23;
  CounterRandom random(1, 2);
  Matrix b(n, n), a(n, n);
  for (std::size_t i = 0; i < n * n; ++i) b(i / n, i % n) = random.normal();
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) a(i, j) = dot(b.row(i), b.row(j)) + (i == j ? 1.0 : 0.0);
  }
  Matrix factor = a;
  ASSERT_TRUE(cholesky(factor));
  const Matrix inverse = inverse_from_lower(inverse_of_lower(factor));
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j < n; ++j) EXPECT_NEAR(dot(inverse.row(i), a.row(j)), i == j, 1e-11);  // a is symmetric
  }
}

TEST(LinearAlgebra, EigenvectorsOfAMatrixDoneByHand) {
  // [2 1; 1 2] has the values 1 and 3 along its diagonals.
  const SymmetricEigen eigen = symmetric_eigen(matrix(2, {2, 1, 1, 2}));
  EXPECT_NEAR(eigen.values[0], 1, 1e-15);
  EXPECT_NEAR(eigen.values[1], 3, 1e-15);
  EXPECT_NEAR(eigen.vectors(0, 0), std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(eigen.vectors(1, 0), -std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(eigen.vectors(0, 1), std::sqrt(0.5), 1e-15);
  EXPECT_NEAR(eigen.vectors(1, 1), std::sqrt(0.5), 1e-15);
}

TEST(LinearAlgebra, EigenvectorsPutTheMatrixTogetherAgain) {
  // The discrete Laplacian, whose values are 2 - 2 cos(k pi / (n + 1)).
  constexpr std::size_t n = 12;
  Matrix a(n, n);
  for (std::size_t i = 0; i < n; ++i) {
    a(i, i) = 2;
    if (i) a(i, i - 1) = -1;
  }
  const SymmetricEigen eigen = symmetric_eigen(a);
  for (std::size_t k = 0; k < n; ++k) {
    EXPECT_NEAR(eigen.values[k], 2 - 2 * std::cos(static_cast<double>(k + 1) * M_PI / (n + 1)), 1e-13);
  }
  for (std::size_t i = 0; i < n; ++i) {
    for (std::size_t j = 0; j <= i; ++j) {
      double sum = 0;
      for (std::size_t k = 0; k < n; ++k) sum += eigen.vectors(i, k) * eigen.values[k] * eigen.vectors(j, k);
      EXPECT_NEAR(sum, a(i, j), 1e-13);
    }
  }
}

TEST(NormalDistribution, IsAccurateFarOutInItsTail) {
  // With 400 digits by mpmath: z, log(density + z * probability), log(probability).
  const double expected[][3] = {{-1, -2.4851210257126413, -1.8410216450092635},
                                {-5, -16.74430116266099, -15.064998393988726},
                                {-24, -295.28022323480488, -292.09872100320779},
                                {-26, -345.43954672231803, -342.17850892992783},
                                {-100, -5010.1295788002498, -5005.5242086942051}};
  for (const auto& [z, improvement, probability] : expected) {
    EXPECT_NEAR(log_improvement(z).value / improvement, 1, 1e-10) << z;
    EXPECT_NEAR(log_normal_probability(z).value / probability, 1, 1e-10) << z;
  }
  EXPECT_NEAR(log_improvement(0).value, std::log(1 / std::sqrt(2 * M_PI)), 1e-15);
  EXPECT_NEAR(log_improvement(-1000).value, -500014.73445209116, 1e-6);
  EXPECT_NEAR(log_improvement(40).value, std::log(40), 1e-12);
}

TEST(NormalDistribution, SlopesAreThoseOfTheValues) {
  for (const double z : {-40.0, -25.5, -10.0, -1.5, -0.5, 0.0, 2.0}) {
    const double h = 1e-5 * std::max(1.0, std::fabs(z));
    EXPECT_NEAR(log_improvement(z).slope, (log_improvement(z + h).value - log_improvement(z - h).value) / (2 * h),
                1e-6 * std::max(1.0, -z));
    EXPECT_NEAR(log_normal_probability(z).slope,
                (log_normal_probability(z + h).value - log_normal_probability(z - h).value) / (2 * h),
                1e-6 * std::max(1.0, -z));
  }
}

TEST(NormalDistribution, QuantilesAreThoseOfTables) {
  EXPECT_NEAR(normal_quantile(0.5), 0, 1e-14);
  EXPECT_NEAR(normal_quantile(0.975), 1.959963984540054, 1e-12);
  EXPECT_NEAR(normal_quantile(0.001), -3.090232306167813, 1e-12);
  for (const double p : {1e-12, 0.02, 0.3, 0.499999, 0.77})
    EXPECT_NEAR(normal_probability(normal_quantile(p)) / p, 1, 1e-11);
}

TEST(BoxMinimizer, FindsTheMinimumOfRosenbrocksValley) {
  const auto rosenbrock = [](std::span<const double> x, std::span<double> gradient) {
    const double a = x[1] - x[0] * x[0], b = 1 - x[0];
    gradient[0] = -400 * a * x[0] - 2 * b;
    gradient[1] = 200 * a;
    return 100 * a * a + b * b;
  };
  const std::vector<double> lower{-5, -5}, upper{5, 5};
  const BoxMinimum free =
      minimize_in_box(rosenbrock, {-1.2, 1}, lower, upper, {.iterations = 200, .least_decrease = 0});
  EXPECT_NEAR(free.x[0], 1, 1e-5);
  EXPECT_NEAR(free.x[1], 1, 1e-5);
  // Up to x = 0.5 the valley's lowest point is at that bound, where y = x^2 and the value is (1 - x)^2.
  const std::vector<double> half{0.5, 5};
  const BoxMinimum bounded =
      minimize_in_box(rosenbrock, {-1.2, 1}, lower, half, {.iterations = 200, .least_decrease = 0});
  EXPECT_DOUBLE_EQ(bounded.x[0], 0.5);
  EXPECT_NEAR(bounded.x[1], 0.25, 1e-6);
  EXPECT_NEAR(bounded.value, 0.25, 1e-9);
}

}  // namespace
}  // namespace atelier
