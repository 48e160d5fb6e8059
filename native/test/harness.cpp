#include "harness.hpp"

int main() {
  using namespace trunkline::test;
  int passed = 0;
  int failed = 0;
  for (const Case& test : cases()) {
    const int before = failures();
    test.function();
    const bool ok = failures() == before;
    std::printf("%s %s\n", ok ? "ok    " : "FAILED", test.name);
    std::fflush(stdout);
    (ok ? passed : failed)++;
  }
  std::printf("%d passed, %d failed\n", passed, failed);
  return failed == 0 ? 0 : 1;
}
