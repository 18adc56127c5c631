// Memory of the emulated device: every block between red zones and full of NaN, and memory of the
// host that both sides see, at two addresses.
#pragma once

#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <map>

#include "codes.h"
#include "shim.h"

namespace fovea {

constexpr size_t kZoneBytes = 256;
constexpr int kZoneByte = 0xa5;
constexpr size_t kPageBytes = 4096;

enum class Place { device, host };

struct Block {
  Place place;
  size_t bytes;
  // As the device sees it.
  char *device;
  // As the host sees it; null for memory of the device.
  char *host;
  // All of it, with its zones.
  char *whole;
  size_t wholeBytes;
};

class Memory {
 public:
  int64_t bytesMax = (int64_t)8 << 30;

  Code allocate_device(size_t bytes, char **out) {
    if (bytes == 0) return INVALID_VALUE;
    if (used + (int64_t)bytes > bytesMax) return OUT_OF_MEMORY;
    const size_t wholeBytes = bytes + 2 * kZoneBytes;
    char *whole = nullptr;
    if (posix_memalign((void **)&whole, kZoneBytes, wholeBytes) != 0) return OUT_OF_MEMORY;
    *out = add({Place::device, bytes, whole + kZoneBytes, nullptr, whole, wholeBytes});
    return SUCCESS;
  }

  // The same pages at two addresses, so that a pointer of one side is not taken for the other's.
  Code allocate_host(size_t bytes, char **out) {
    if (bytes == 0) return INVALID_VALUE;
    if (used + (int64_t)bytes > bytesMax) return OUT_OF_MEMORY;
    const size_t wholeBytes = (bytes + 2 * kZoneBytes + kPageBytes - 1) / kPageBytes * kPageBytes;
    const int file = memfd_create("fovea_pinned", 0);
    if (file < 0 || ftruncate(file, (off_t)wholeBytes) != 0) return OUT_OF_MEMORY;
    char *sides[2];
    for (char *&side : sides) {
      side = (char *)mmap(nullptr, wholeBytes, PROT_READ | PROT_WRITE, MAP_SHARED, file, 0);
    }
    close(file);
    char *host = sides[1] + kZoneBytes;
    add({Place::host, bytes, sides[0] + kZoneBytes, host, sides[0], wholeBytes});
    *out = host;
    return SUCCESS;
  }

  Code release(char *address, Place place) {
    for (auto it = blocks.begin(); it != blocks.end(); ++it) {
      const Block &block = it->second;
      if (block.place != place) continue;
      if (address != (place == Place::device ? block.device : block.host)) continue;
      used -= (int64_t)block.bytes;
      if (place == Place::device) {
        // What is read after it was freed shall be seen.
        memset(block.whole, 0xdd, block.wholeBytes);
        free(block.whole);
      } else {
        munmap(block.host - kZoneBytes, block.wholeBytes);
        munmap(block.whole, block.wholeBytes);
      }
      blocks.erase(it);
      return SUCCESS;
    }
    return INVALID_VALUE;
  }

  // The block that holds these bytes as the device sees them, or null.
  const Block *find_device(const char *address, size_t bytes) const {
    auto it = blocks.upper_bound(address);
    if (it == blocks.begin()) return nullptr;
    const Block &block = (--it)->second;
    return address + bytes <= block.device + block.bytes ? &block : nullptr;
  }

  // The block of the host that holds these bytes as the host sees them, or null.
  const Block *find_host(const char *address, size_t bytes) const {
    for (const auto &[_, block] : blocks) {
      if (block.place == Place::host && address >= block.host &&
          address + bytes <= block.host + block.bytes) {
        return &block;
      }
    }
    return nullptr;
  }

  // Whether somebody wrote into a zone.
  bool zones_broken() const {
    for (const auto &[_, block] : blocks) {
      for (size_t i = 0; i < kZoneBytes; i++) {
        if ((u_char)block.whole[i] != kZoneByte) return true;
      }
      for (const char *at = block.device + block.bytes; at < block.device + block.bytes + kZoneBytes;
           at++) {
        if ((u_char)*at != kZoneByte) return true;
      }
    }
    return false;
  }

  int count(Place place) const {
    int found = 0;
    for (const auto &[_, block] : blocks) found += block.place == place;
    return found;
  }

  int64_t used = 0;
  // By the address that the device sees.
  std::map<const char *, Block> blocks;

 private:
  char *add(const Block &block) {
    memset(block.whole, kZoneByte, block.wholeBytes);
    memset(block.device, 0xff, block.bytes);
    blocks[block.device] = block;
    used += (int64_t)block.bytes;
    return block.device;
  }
};

}  // namespace fovea
