// Repeats recorded launches with one thread of the operating system per CUDA thread, under a
// sanitizer.
//
//   replay TRACE              runs every launch
//   replay TRACE --list       runs every launch, then prints "site kernel file:line" per barrier
//   replay TRACE --skip SITE KERNEL   runs the launches of KERNEL without the barrier SITE
//   replay TRACE --shorten KERNEL     runs the launches of KERNEL with four bytes less of everything
//
// A sanitizer that finds something ends the program with its own exit code.
#include <cstdlib>
#include <memory>

#include "../index.cu"
#include "thread_block.h"
#include "trace.h"

namespace {

const fovea::Kernel *find_kernel(const std::string &name) {
  for (const fovea::Kernel &kernel : fovea::kernels()) {
    if (name == kernel.name) return &kernel;
  }
  return nullptr;
}

// Every area gets a block of memory of exactly its size, and the parameters that point into it are
// moved there.
void run(const fovea::Kernel &kernel, fovea::Trace &trace, size_t missing) {
  std::vector<std::unique_ptr<char, void (*)(void *)>> blocks;
  std::vector<char> parameters = trace.parameters;
  for (const fovea::Area &area : trace.areas) {
    const size_t bytes = area.contents.size() - missing;
    char *block = (char *)malloc(bytes);
    blocks.emplace_back(block, free);
    memcpy(block, area.contents.data(), bytes);
    for (size_t at = 0; at + 8 <= parameters.size(); at += 8) {
      uint64_t word;
      memcpy(&word, &trace.parameters[at], 8);
      if (word < area.address || word >= area.address + area.contents.size()) continue;
      word = (uint64_t)(uintptr_t)block + (word - area.address);
      memcpy(&parameters[at], &word, 8);
    }
  }
  fovea::run_grid(kernel, parameters.data(), trace.launch);
}

}  // namespace

int main(int count, char **arguments) {
  const std::string mode = count > 2 ? arguments[2] : "";
  const bool skips = mode == "--skip" && count == 5;
  const bool shortens = mode == "--shorten" && count == 4;
  const bool lists = mode == "--list" && count == 3;
  if (count < 2 || (count > 2 && !skips && !shortens && !lists)) {
    fprintf(stderr, "usage: replay TRACE [--list | --skip SITE KERNEL | --shorten KERNEL]\n");
    return 2;
  }
  const std::string only = skips ? arguments[4] : shortens ? arguments[3] : "";
  fovea::barriers().listing = lists;
  if (skips) fovea::barriers().skipped = atoi(arguments[3]);
  FILE *file = fopen(arguments[1], "rb");
  if (file == nullptr) {
    fprintf(stderr, "cannot open %s\n", arguments[1]);
    return 2;
  }
  int launches = 0;
  for (fovea::Trace trace; fovea::read_trace(file, trace);) {
    if (!only.empty() && trace.kernel != only) continue;
    const fovea::Kernel *kernel = find_kernel(trace.kernel);
    if (kernel == nullptr || kernel->parameterBytes != trace.parameters.size()) {
      fprintf(stderr, "cannot run %s\n", trace.kernel.c_str());
      return 2;
    }
    run(*kernel, trace, shortens ? 4 : 0);
    launches++;
  }
  fclose(file);
  for (const auto &[site, where] : fovea::barriers().seen) printf("%d %s\n", site, where.c_str());
  fprintf(stderr, "%d launches\n", launches);
  return launches > 0 ? 0 : 2;
}
