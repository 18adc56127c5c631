// Threads of a block as threads of the operating system, for ThreadSanitizer and AddressSanitizer:
// they see what a fiber hides, a missing barrier first of all.
#pragma once

#include <pthread.h>

#include <map>
#include <memory>
#include <thread>

#include "grid.h"

namespace fovea {

constexpr unsigned kThreadsMax = 1024;

// ThreadSanitizer takes all waits on one barrier as ordered, also across its rounds, which would hide
// a race with the round after; two barriers in turn do not.
struct Rendezvous {
  pthread_barrier_t rounds[2];
  explicit Rendezvous(unsigned threads) {
    for (pthread_barrier_t &round : rounds) pthread_barrier_init(&round, nullptr, threads);
  }
  ~Rendezvous() {
    for (pthread_barrier_t &round : rounds) pthread_barrier_destroy(&round);
  }
  Rendezvous(const Rendezvous &) = delete;
  Rendezvous &operator=(const Rendezvous &) = delete;
  void wait(unsigned round) { pthread_barrier_wait(&rounds[round % 2]); }
};

// What one block of a grid is to do.
struct BlockJob {
  const Kernel *kernel;
  const void *parameters;
  const Launch *launch;
  FoveaDim3 index;
};

// As many threads of the operating system as a block has. Making one is dear under a sanitizer, so
// they wait for the next block.
class ThreadBlock {
 public:
  explicit ThreadBlock(unsigned threads)
      : all(threads), values(threads), start(threads + 1), end(threads + 1) {
    for (unsigned i = 0; i < threads; i += 32) {
      warps.emplace_back(new Rendezvous(threads - i < 32 ? threads - i : 32));
    }
    for (unsigned i = 0; i < threads; i++) workers.emplace_back([this, i] { work(i); });
  }

  ~ThreadBlock() {
    job.kernel = nullptr;
    start.wait(rounds);
    for (std::thread &worker : workers) worker.join();
  }

  // Runs a block; where its threads do not meet, each worker takes several.
  void run(const BlockJob &next) {
    job = next;
    start.wait(rounds);
    end.wait(rounds++);
  }

  Rendezvous all;
  std::vector<std::unique_ptr<Rendezvous>> warps;
  struct Values {
    uint64_t brought[2];
  };
  std::vector<Values> values;

 private:
  void work(unsigned worker);

  BlockJob job = {nullptr, nullptr, nullptr, {0, 0, 0}};
  unsigned rounds = 0;
  Rendezvous start, end;
  std::vector<std::thread> workers;
};

// The barriers that ran, and the one that is left out to see whether that is noticed.
struct Barriers {
  int skipped = -1;
  pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
  // Site -> "kernel file:line".
  std::map<int, std::string> seen;
  bool listing = false;
};

inline Barriers &barriers() {
  static Barriers all;
  return all;
}

inline ThreadBlock *thread_block = nullptr;
inline const Kernel *running = nullptr;
// Of the running thread: its number in the block, and how often it has met the others.
inline thread_local unsigned thread_number, barrier_round, warp_round;

inline void sync_threads(int site, const char *file, int line) {
  Barriers &known = barriers();
  if (known.listing && thread_number == 0) {
    const char *slash = strrchr(file, '/');
    pthread_mutex_lock(&known.lock);
    known.seen[site] = std::string(running->name) + " " + (slash == nullptr ? file : slash + 1) +
                       ":" + std::to_string(line);
    pthread_mutex_unlock(&known.lock);
  }
  if (site == known.skipped) return;
  thread_block->all.wait(barrier_round++);
}

inline unsigned meet(uint64_t mine) {
  const unsigned place = warp_round % 2;
  thread_block->values[thread_number].brought[place] = mine;
  thread_block->warps[thread_number / 32]->wait(warp_round++);
  return place;
}

inline uint64_t exchange(uint64_t mine, unsigned source) {
  const unsigned place = meet(mine);
  return thread_block->values[thread_number / 32 * 32 + source].brought[place];
}

inline uint32_t vote(bool mine) {
  const unsigned place = meet(mine);
  uint32_t bits = 0;
  for (unsigned lane = 0; lane < 32; lane++) {
    const unsigned from = thread_number / 32 * 32 + lane;
    if (from < thread_block->values.size()) {
      bits |= (uint32_t)thread_block->values[from].brought[place] << lane;
    }
  }
  return bits;
}

inline void ThreadBlock::work(unsigned worker) {
  for (unsigned round = 0;; round++) {
    start.wait(round);
    if (job.kernel == nullptr) return;
    blockIdx = job.index;
    blockDim = job.launch->block;
    gridDim = job.launch->grid;
    const unsigned threads = volume(blockDim);
    for (unsigned i = worker; i < threads; i += (unsigned)workers.size()) {
      thread_number = i;
      barrier_round = warp_round = 0;
      threadIdx = place_of(i, blockDim);
      job.kernel->run(job.parameters);
    }
    end.wait(round);
  }
}

// Threads that do not meet share a few of the operating system.
constexpr unsigned kFlatWorkers = 8;

inline void run_block(const Kernel &kernel, const void *parameters, const Launch &launch,
                      std::mt19937 &) {
  static std::map<unsigned, std::unique_ptr<ThreadBlock>> blocks;
  const unsigned threads = volume(launch.block);
  std::unique_ptr<ThreadBlock> &block = blocks[kernel.meets ? threads : kFlatWorkers];
  if (block == nullptr) block.reset(new ThreadBlock(kernel.meets ? threads : kFlatWorkers));
  thread_block = block.get();
  running = &kernel;
  block->run({&kernel, parameters, &launch, blockIdx});
}

}  // namespace fovea
