// Threads of a block as fibers of one operating-system thread: thousands cost little, and they take
// turns in an order that can be chosen and repeated.
#pragma once

#include <csetjmp>
#include <memory>
#include <ucontext.h>

#include "grid.h"

namespace fovea {

constexpr size_t kStackBytes = 64 * 1024;
constexpr unsigned kThreadsMax = 1024;

enum class Wait { none, block, warp, ended };

struct Fiber {
  std::unique_ptr<char[]> stack;
  ucontext_t start;
  jmp_buf resume;
  bool started = false;
  Wait wait = Wait::ended;
  int site = 0;
  const char *file = "";
  int line = 0;
  // Meetings of this thread's warp so far; its values alternate between two places.
  unsigned meetings = 0;
  uint64_t brought[2] = {0, 0};
  FoveaDim3 index = {0, 0, 0};
};

struct FiberBlock {
  std::vector<Fiber> fibers{kThreadsMax};
  Fiber *current = nullptr;
  jmp_buf scheduler;
  ucontext_t home;
  const Kernel *kernel = nullptr;
  const void *parameters = nullptr;
  unsigned threads = 0;
};

inline FiberBlock &fiber_block() {
  static FiberBlock block;
  return block;
}

inline void yield_as(Wait wait) {
  FiberBlock &block = fiber_block();
  Fiber &fiber = *block.current;
  fiber.wait = wait;
  if (_setjmp(fiber.resume) == 0) _longjmp(block.scheduler, 1);
}

// A fiber lives on for the next blocks: making one is dear.
inline void fiber_main() {
  FiberBlock &block = fiber_block();
  for (;;) {
    block.kernel->run(block.parameters);
    yield_as(Wait::ended);
  }
}

inline void resume(Fiber &fiber) {
  FiberBlock &block = fiber_block();
  block.current = &fiber;
  threadIdx = fiber.index;
  fiber.wait = Wait::none;
  if (_setjmp(block.scheduler) != 0) return;
  if (fiber.started) _longjmp(fiber.resume, 1);
  fiber.started = true;
  fiber.stack.reset(new char[kStackBytes]);
  getcontext(&fiber.start);
  fiber.start.uc_stack.ss_sp = fiber.stack.get();
  fiber.start.uc_stack.ss_size = kStackBytes;
  fiber.start.uc_link = nullptr;
  makecontext(&fiber.start, fiber_main, 0);
  setcontext(&fiber.start);
}

inline void sync_threads(int site, const char *file, int line) {
  Fiber &fiber = *fiber_block().current;
  fiber.site = site;
  fiber.file = file;
  fiber.line = line;
  yield_as(Wait::block);
}

// The warp's values of this meeting; all lanes have brought theirs.
inline const Fiber *meet(uint64_t mine) {
  FiberBlock &block = fiber_block();
  Fiber &fiber = *block.current;
  fiber.brought[fiber.meetings++ % 2] = mine;
  yield_as(Wait::warp);
  return &block.fibers[(unsigned)(&fiber - block.fibers.data()) / 32 * 32];
}

inline uint64_t exchange(uint64_t mine, unsigned source) {
  const unsigned place = fiber_block().current->meetings % 2;
  return meet(mine)[source].brought[place];
}

inline uint32_t vote(bool mine) {
  const unsigned place = fiber_block().current->meetings % 2;
  const Fiber *lanes = meet(mine);
  uint32_t bits = 0;
  for (unsigned lane = 0; lane < 32; lane++) bits |= (uint32_t)lanes[lane].brought[place] << lane;
  return bits;
}

// Lets the lanes of a warp go on if all of them wait for each other.
inline bool release_warp(FiberBlock &block, unsigned first) {
  for (unsigned i = first; i < first + 32; i++) {
    if (i >= block.threads || block.fibers[i].wait != Wait::warp) return false;
  }
  for (unsigned i = first; i < first + 32; i++) block.fibers[i].wait = Wait::none;
  return true;
}

// Lets threads go on that all are where they must be; throws Divergence if nobody can.
inline bool release(FiberBlock &block) {
  unsigned ended = 0;
  unsigned waiting = 0;
  bool released = false;
  const Fiber *first = nullptr;
  for (unsigned i = 0; i < block.threads; i += 32) released |= release_warp(block, i);
  for (unsigned i = 0; i < block.threads; i++) {
    Fiber &fiber = block.fibers[i];
    if (fiber.wait == Wait::ended) ended++;
    if (fiber.wait != Wait::block) continue;
    waiting++;
    if (first == nullptr) first = &fiber;
    if (first->site != fiber.site) throw Divergence{"threads wait at different barriers"};
  }
  if (released) return true;
  if (ended == block.threads) return false;
  if (waiting == block.threads) {
    for (unsigned i = 0; i < block.threads; i++) block.fibers[i].wait = Wait::none;
    return true;
  }
  throw Divergence{first == nullptr ? "a warp waits for a lane that does not come"
                                    : "a barrier is not reached by all: " +
                                          std::string(first->file) + ":" +
                                          std::to_string(first->line)};
}

inline void run_flat(const Kernel &kernel, const void *parameters, const Launch &launch,
                     std::mt19937 &random) {
  for (unsigned i : turns(volume(launch.block), launch, random)) {
    threadIdx = place_of(i, launch.block);
    kernel.run(parameters);
  }
}

inline void run_block(const Kernel &kernel, const void *parameters, const Launch &launch,
                      std::mt19937 &random) {
  if (!kernel.meets) return run_flat(kernel, parameters, launch, random);
  FiberBlock &block = fiber_block();
  block.kernel = &kernel;
  block.parameters = parameters;
  block.threads = volume(launch.block);
  for (unsigned i = 0; i < block.threads; i++) {
    // A fiber that was left waiting by a divergence is not to be used again.
    if (block.fibers[i].wait != Wait::ended) block.fibers[i].started = false;
    block.fibers[i].wait = Wait::none;
    block.fibers[i].meetings = 0;
    block.fibers[i].index = place_of(i, launch.block);
  }
  do {
    for (unsigned i : turns(block.threads, launch, random)) {
      if (block.fibers[i].wait == Wait::none) resume(block.fibers[i]);
    }
  } while (release(block));
}

}  // namespace fovea
