// A small test harness: TEST(name) { CHECK(...); }. The main function is in
// harness.cpp; it runs every test and prints "N passed, N failed".
#pragma once

#include <cmath>
#include <cstdio>
#include <sstream>
#include <string>
#include <vector>

namespace trunkline::test {

struct Case {
  const char* name;
  void (*function)();
};

inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}

inline int& failures() {
  static int count = 0;
  return count;
}

struct Registration {
  Registration(const char* name, void (*function)()) { cases().push_back({name, function}); }
};

inline void report(bool ok, const char* file, int line, const std::string& text) {
  if (ok) return;
  failures()++;
  std::fprintf(stderr, "%s:%d: %s\n", file, line, text.c_str());
}

template <typename A, typename B>
void reportEqual(const A& actual, const B& expected, const char* file, int line, const char* text) {
  if (actual == expected) return;
  std::ostringstream message;
  message << text << ": " << +actual << " instead of " << +expected;
  report(false, file, line, message.str());
}

}  // namespace trunkline::test

#define TEST_NAME2(line) test_case_##line
#define TEST_NAME(line) TEST_NAME2(line)
#define TEST_REGISTRATION2(line) test_registration_##line
#define TEST_REGISTRATION(line) TEST_REGISTRATION2(line)
#define TEST(name)                                                                                      \
  static void TEST_NAME(__LINE__)();                                                                    \
  static const trunkline::test::Registration TEST_REGISTRATION(__LINE__)(name, TEST_NAME(__LINE__)); \
  static void TEST_NAME(__LINE__)()

#define CHECK(condition) trunkline::test::report(static_cast<bool>(condition), __FILE__, __LINE__, #condition)
#define CHECK_EQUAL(actual, expected) \
  trunkline::test::reportEqual((actual), (expected), __FILE__, __LINE__, #actual)
#define CHECK_NEAR(actual, expected, tolerance) \
  trunkline::test::report(std::abs((actual) - (expected)) <= (tolerance), __FILE__, __LINE__, \
                          std::string(#actual " is ") + std::to_string(actual))
