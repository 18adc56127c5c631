// A launch with all memory that its parameters point at, so that another program can repeat it.
//
// A file is a row of records, all numbers little-endian:
//   "FVLAUNCH", u32 name length, name, 6 x u32 grid and block, u32 parameter bytes, parameters,
//   u32 count of areas, and per area u64 address, u64 bytes, contents.
// A parameter points into an area if one of its 8-byte words lies within it.
#pragma once

#include <cstdio>

#include "grid.h"

namespace fovea {

constexpr char kTraceMagic[] = "FVLAUNCH";

struct Area {
  uint64_t address;
  std::vector<char> contents;
};

struct Trace {
  std::string kernel;
  Launch launch;
  std::vector<char> parameters;
  std::vector<Area> areas;
};

inline bool write_bytes(FILE *file, const void *bytes, size_t count) {
  return fwrite(bytes, 1, count, file) == count;
}

template <typename Number>
bool write_number(FILE *file, Number number) {
  return write_bytes(file, &number, sizeof number);
}

inline bool write_trace(FILE *file, const Trace &trace) {
  bool good = write_bytes(file, kTraceMagic, 8) &&
              write_number(file, (uint32_t)trace.kernel.size()) &&
              write_bytes(file, trace.kernel.data(), trace.kernel.size());
  for (const FoveaDim3 &size : {trace.launch.grid, trace.launch.block}) {
    for (unsigned side : {size.x, size.y, size.z}) good = good && write_number(file, side);
  }
  good = good && write_number(file, (uint32_t)trace.parameters.size()) &&
         write_bytes(file, trace.parameters.data(), trace.parameters.size()) &&
         write_number(file, (uint32_t)trace.areas.size());
  for (const Area &area : trace.areas) {
    good = good && write_number(file, area.address) &&
           write_number(file, (uint64_t)area.contents.size()) &&
           write_bytes(file, area.contents.data(), area.contents.size());
  }
  return good;
}

inline bool read_bytes(FILE *file, void *bytes, size_t count) {
  return fread(bytes, 1, count, file) == count;
}

template <typename Number>
Number read_number(FILE *file) {
  Number number = 0;
  if (!read_bytes(file, &number, sizeof number)) return 0;
  return number;
}

// Reads the next record; false at the end of the file.
inline bool read_trace(FILE *file, Trace &trace) {
  char magic[8];
  if (!read_bytes(file, magic, 8) || memcmp(magic, kTraceMagic, 8) != 0) return false;
  trace.kernel.resize(read_number<uint32_t>(file));
  read_bytes(file, trace.kernel.data(), trace.kernel.size());
  for (FoveaDim3 *size : {&trace.launch.grid, &trace.launch.block}) {
    for (unsigned *side : {&size->x, &size->y, &size->z}) *side = read_number<uint32_t>(file);
  }
  trace.parameters.resize(read_number<uint32_t>(file));
  read_bytes(file, trace.parameters.data(), trace.parameters.size());
  trace.areas.resize(read_number<uint32_t>(file));
  for (Area &area : trace.areas) {
    area.address = read_number<uint64_t>(file);
    area.contents.resize(read_number<uint64_t>(file));
    if (!read_bytes(file, area.contents.data(), area.contents.size())) return false;
  }
  return true;
}

}  // namespace fovea
