// What a driver needs to know of PTX before it runs it: version, target, and the entries with the
// bytes of their parameters.
#pragma once

#include <cstdlib>
#include <map>
#include <string>

namespace fovea {

struct PtxEntry {
  size_t parameterBytes;
  unsigned threadsMax;
};

struct Ptx {
  // Ten times the version: 63 for 6.3.
  int version = 0;
  int target = 0;
  std::map<std::string, PtxEntry> entries;
};

// The text after `key` in `text` from `at` on, or null.
inline const char *after(const std::string &text, const char *key, size_t at = 0) {
  const size_t found = text.find(key, at);
  return found == std::string::npos ? nullptr : text.c_str() + found + strlen(key);
}

// Reads the parameter of the entry whose list starts at `from`: `.param .align 8 .b8 name[168]`.
inline size_t read_parameter_bytes(const std::string &text, size_t from) {
  const size_t end = text.find(')', from);
  const size_t open = text.find('[', from);
  if (end == std::string::npos || open == std::string::npos || open > end) return 0;
  return strtoul(text.c_str() + open + 1, nullptr, 10);
}

// Reads PTX; false if it is none.
inline bool read_ptx(const std::string &text, Ptx &ptx) {
  const char *version = after(text, "\n.version ");
  const char *target = after(text, "\n.target sm_");
  if (version == nullptr || target == nullptr || after(text, "\n.address_size 64") == nullptr) {
    return false;
  }
  char *point = nullptr;
  const long major = strtol(version, &point, 10);
  ptx.version = (int)(10 * major + (*point == '.' ? strtol(point + 1, nullptr, 10) : 0));
  ptx.target = atoi(target);
  long depth = 0;
  for (char c : text) depth += c == '{' ? 1 : c == '}' ? -1 : 0;
  if (depth != 0) return false;
  const std::string key = ".visible .entry ";
  for (size_t at = text.find(key); at != std::string::npos; at = text.find(key, at + 1)) {
    const size_t start = at + key.size();
    const size_t open = text.find('(', start);
    const size_t body = text.find('{', start);
    if (open == std::string::npos || body == std::string::npos) return false;
    const size_t limit = text.find(".maxntid ", start);
    const unsigned threads =
        limit < body ? (unsigned)strtoul(text.c_str() + limit + 9, nullptr, 10) : 1024;
    ptx.entries[text.substr(start, open - start)] = {read_parameter_bytes(text, open), threads};
  }
  return !ptx.entries.empty();
}

}  // namespace fovea
