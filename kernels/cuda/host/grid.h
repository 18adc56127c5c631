// Runs a kernel over a grid: blocks one after the other, the threads of a block in one of three
// orders. What a kernel computes must not depend on the order.
#pragma once

#include <algorithm>
#include <numeric>
#include <random>
#include <string>

#include "shim.h"

namespace fovea {

enum class Order { forward, reverse, shuffled };

struct Launch {
  FoveaDim3 grid, block;
  Order order = Order::forward;
  unsigned seed = 1;
};

// Thrown when threads wait for each other in a way that a GPU does not define.
struct Divergence {
  std::string what;
};

extern "C" {
extern char __start_fovea_shared[] __attribute__((weak));
extern char __stop_fovea_shared[] __attribute__((weak));
}

// Every byte 0xff: NaN as any float.
inline void poison_shared_memory() {
  if (__start_fovea_shared == nullptr) return;
  memset(__start_fovea_shared, 0xff, (size_t)(__stop_fovea_shared - __start_fovea_shared));
}

inline FoveaDim3 place_of(unsigned index, const FoveaDim3 &size) {
  return {index % size.x, index / size.x % size.y, index / (size.x * size.y)};
}

inline unsigned volume(const FoveaDim3 &size) { return size.x * size.y * size.z; }

// 0...count-1 in the order in which threads or blocks take their turns.
inline std::vector<unsigned> turns(unsigned count, const Launch &launch, std::mt19937 &random) {
  std::vector<unsigned> order(count);
  std::iota(order.begin(), order.end(), 0u);
  if (launch.order == Order::reverse) std::reverse(order.begin(), order.end());
  if (launch.order == Order::shuffled) std::shuffle(order.begin(), order.end(), random);
  return order;
}

// Runs the threads of one block until all have ended; throws Divergence.
void run_block(const Kernel &kernel, const void *parameters, const Launch &launch,
               std::mt19937 &random);

inline void run_grid(const Kernel &kernel, const void *parameters, const Launch &launch) {
  std::mt19937 random(launch.seed);
  for (unsigned block : turns(volume(launch.grid), launch, random)) {
    gridDim = launch.grid;
    blockDim = launch.block;
    blockIdx = place_of(block, launch.grid);
    poison_shared_memory();
    run_block(kernel, parameters, launch, random);
  }
}

}  // namespace fovea
