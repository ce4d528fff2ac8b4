#include "device_memory.h"

#include <stdlib.h>
#include <string.h>

#include <iterator>

namespace qs_emu {
namespace {

// Bytes on either side. The address sanitizer watches what lies there by itself, reads included.
#if defined(__SANITIZE_ADDRESS__)
enum { SENTINEL = 0 };
#else
enum { SENTINEL = 256 };
#endif
enum { BOUNDARY = 256 };  // on which allocations begin

// As floats these are NaNs of a kind that no arithmetic makes.
struct Pattern {
  unsigned char bytes[BOUNDARY];
  Pattern() {
    for (int i = 0; i < BOUNDARY; i += 4) memcpy(bytes + i, "\xA5\x5A\xC5\x7F", 4);
  }
};
const unsigned char* pattern() {
  static const Pattern p;
  return p.bytes;
}

int64_t firstDifference(const char* at) {
  const unsigned char* p = pattern();
  if (memcmp(at, p, SENTINEL) == 0) return -1;
  int64_t i = 0;
  while ((unsigned char)at[i] == p[i]) i++;
  return i;
}

std::string allocation(int64_t number, int64_t bytes) {
  return "allocation " + std::to_string(number) + " of " + std::to_string(bytes) + " bytes";
}

}  // namespace

int64_t DeviceMemory::alloc(int64_t bytes) {
  if (bytes < 0 || bytes > (int64_t)1 << 40) return 0;
  void* raw = nullptr;
  if (posix_memalign(&raw, BOUNDARY, (size_t)bytes + 2 * SENTINEL) != 0) return 0;
  char* start = (char*)raw + SENTINEL;
  memcpy(raw, pattern(), SENTINEL);
  memset(start, 0xFF, (size_t)bytes);
  memcpy(start + bytes, pattern(), SENTINEL);
  all_[(int64_t)start] = {(char*)raw, bytes, ++made_};
  bytes_ += bytes;
  return (int64_t)start;
}

std::string DeviceMemory::intact(int64_t address, const Allocation& a) const {
  const int64_t before = firstDifference(a.raw), behind = firstDifference((char*)address + a.bytes);
  if (before >= 0)
    return "Memory was overwritten " + std::to_string(SENTINEL - before) + " bytes before " + allocation(a.number, a.bytes) + ".";
  if (behind >= 0)
    return "Memory was overwritten " + std::to_string(behind) + " bytes behind " + allocation(a.number, a.bytes) + ".";
  return "";
}

std::string DeviceMemory::check() const {
  for (const auto& a : all_) {
    const std::string wrong = intact(a.first, a.second);
    if (!wrong.empty()) return wrong;
  }
  return "";
}

std::string DeviceMemory::free(int64_t address) {
  if (address == 0) return "";
  const auto found = all_.find(address);
  if (found == all_.end()) return "Address " + std::to_string(address) + " was not allocated, or has been freed.";
  const std::string wrong = intact(address, found->second);
  bytes_ -= found->second.bytes;
  ::free(found->second.raw);
  all_.erase(found);
  return wrong;
}

std::string DeviceMemory::within(int64_t address, int64_t bytes) const {
  if (bytes == 0) return "";
  auto next = all_.upper_bound(address);
  if (bytes < 0 || next == all_.begin())
    return std::to_string(bytes) + " bytes at " + std::to_string(address) + " are not device memory.";
  const auto& a = *--next;
  if (address + bytes <= a.first + a.second.bytes) return "";
  return std::to_string(bytes) + " bytes from byte " + std::to_string(address - a.first) + " leave " +
      allocation(a.second.number, a.second.bytes) + ".";
}

bool DeviceMemory::known(int64_t address) const {
  const auto next = all_.upper_bound(address);
  if (next == all_.begin()) return false;
  const auto a = std::prev(next);
  return address <= a->first + a->second.bytes;
}

}  // namespace qs_emu
