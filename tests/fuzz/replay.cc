// Runs a fuzz target over files, with any compiler: replay [--mutate N [--seed S]] FILE|FOLDER...
// What the fuzzers found, and inputs that reach far, lie in corpus/; so every build checks them. --mutate then runs N
// inputs that are made of them by small damages, the same ones for the same seed: less than libFuzzer finds, but
// without it. An input that ends the process is left as replay-found in the folder at hand.
#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size);

namespace {

std::string g_input;  // the one at hand, for OnFatal

void OnFatal(int signal) {
  const int fd = ::open("replay-found", O_WRONLY | O_CREAT | O_TRUNC, 0644);
  if (fd >= 0 && ::write(fd, g_input.data(), g_input.size()) >= 0) ::close(fd);
  std::signal(signal, SIG_DFL);
  ::raise(signal);
}

void Run(const std::string& input) {
  g_input = input;
  LLVMFuzzerTestOneInput(reinterpret_cast<const uint8_t*>(g_input.data()), g_input.size());
}

void Collect(const std::filesystem::path& path, std::vector<std::filesystem::path>* files) {
  if (!std::filesystem::is_directory(path)) return files->push_back(path);
  for (const auto& entry : std::filesystem::directory_iterator(path)) Collect(entry.path(), files);
}

class Mutator {
 public:
  Mutator(const std::vector<std::string>& inputs, uint64_t seed) : inputs_(inputs), random_(seed) {}
  std::string Next() {
    std::string s = inputs_[Below(inputs_.size())];
    for (size_t n = 1 + Below(6); n > 0; --n) Damage(&s);
    return s;
  }

 private:
  static constexpr size_t kLongest = 16 << 10;
  size_t Below(size_t n) { return static_cast<size_t>(random_() % n); }
  char Byte() {
    static constexpr unsigned char kOdd[] = {0,   1,   0x7F, 0x80, 0xFF, '\n', '"', ',',
                                             '{', '}', '[',  ']',  ':',  '0',  '-', ' '};
    return static_cast<char>(Below(2) == 0 ? kOdd[Below(sizeof kOdd)] : Below(256));
  }
  void Damage(std::string* s) {
    const size_t at = Below(s->size() + 1), n = 1 + Below(8);
    switch (Below(7)) {
      case 0:
        if (at < s->size()) (*s)[at] = static_cast<char>((*s)[at] ^ (1 << Below(8)));
        break;
      case 1:
        if (at < s->size()) (*s)[at] = Byte();
        break;
      case 2:
        if (s->size() < kLongest) s->insert(at, n, Byte());
        break;
      case 3:
        s->erase(at, n);
        break;
      case 4:
        if (s->size() < kLongest) s->insert(at, s->substr(Below(s->size() + 1), 4 * n));
        break;
      case 5:
        s->resize(at);
        break;
      default: {
        const std::string& other = inputs_[Below(inputs_.size())];
        *s = s->substr(0, at) + other.substr(Below(other.size() + 1));
      }
    }
  }
  const std::vector<std::string>& inputs_;
  std::mt19937_64 random_;
};

}  // namespace

int main(int argc, char** argv) {
  uint64_t mutations = 0, seed = 1;
  std::vector<std::filesystem::path> files;
  for (int i = 1; i < argc; ++i) {
    if (std::strcmp(argv[i], "--mutate") == 0 && i + 1 < argc)
      mutations = std::strtoull(argv[++i], nullptr, 10);
    else if (std::strcmp(argv[i], "--seed") == 0 && i + 1 < argc)
      seed = std::strtoull(argv[++i], nullptr, 10);
    else
      Collect(argv[i], &files);
  }
  if (files.empty()) return std::fprintf(stderr, "replay: no input\n"), 1;
  std::sort(files.begin(), files.end());
  for (int signal : {SIGABRT, SIGSEGV, SIGBUS, SIGFPE, SIGILL}) std::signal(signal, OnFatal);
  std::vector<std::string> inputs;
  for (const auto& path : files) {
    std::ifstream file(path, std::ios::binary);
    inputs.emplace_back((std::istreambuf_iterator<char>(file)), std::istreambuf_iterator<char>());
    std::printf("%s\n", path.c_str());
    std::fflush(stdout);
    Run(inputs.back());
  }
  Mutator mutator(inputs, seed);
  for (uint64_t i = 0; i < mutations; ++i) Run(mutator.Next());
  std::printf("%zu inputs, %llu made of them\n", inputs.size(), static_cast<unsigned long long>(mutations));
  return 0;
}
