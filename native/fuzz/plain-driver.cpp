// Stands in for libFuzzer where clang is missing: runs the corpus, then random
// changes of it: as many as `-runs=N` says, or for the seconds of `-max_total_time=N`.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

int main(int argc, char** argv) {
  if (argc != 3) return 2;
  std::vector<std::vector<uint8_t>> corpus;
  for (const auto& entry : std::filesystem::directory_iterator(argv[2])) {
    std::ifstream file(entry.path(), std::ios::binary);
    corpus.emplace_back(std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>());
    LLVMFuzzerTestOneInput(corpus.back().data(), corpus.back().size());
  }
  std::mt19937 random(1);
  const std::string bound = argv[1];
  const long limit = std::atol(bound.substr(bound.find('=') + 1).c_str());
  const bool byRuns = bound.rfind("-runs=", 0) == 0;
  const std::time_t end = byRuns ? 0 : std::time(nullptr) + limit;
  for (long runs = 0; byRuns ? runs < limit : std::time(nullptr) < end; runs += 1000) {
    for (int round = 0; round < 1000; round++) {
      std::vector<uint8_t> input = corpus[random() % corpus.size()];
      for (unsigned change = random() % 8 + 1; change > 0 && !input.empty(); change--) {
        const size_t at = random() % input.size();
        switch (random() % 4) {
          case 0: input[at] = static_cast<uint8_t>(random()); break;
          case 1: input[at] ^= static_cast<uint8_t>(1u << (random() % 8)); break;
          case 2: input.resize(at); break;
          default: input.insert(input.begin() + static_cast<std::ptrdiff_t>(at), static_cast<uint8_t>(random())); break;
        }
      }
      LLVMFuzzerTestOneInput(input.data(), input.size());
    }
  }
  return 0;
}
