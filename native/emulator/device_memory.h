// Device memory: allocations in this process's memory, each between sentinels.
#pragma once
#include <stdint.h>

#include <map>
#include <string>

namespace qs_emu {

class DeviceMemory {
 public:
  int64_t alloc(int64_t bytes);  // 0 where there is none
  // These return what is wrong, or nothing.
  std::string free(int64_t address);
  std::string check() const;
  std::string within(int64_t address, int64_t bytes) const;
  bool known(int64_t address) const;  // in an allocation, or just behind it

  int64_t live() const { return (int64_t)all_.size(); }
  int64_t bytes() const { return bytes_; }

 private:
  struct Allocation {
    char* raw;
    int64_t bytes;
    int64_t number;
  };
  std::string intact(int64_t address, const Allocation& a) const;

  std::map<int64_t, Allocation> all_;
  int64_t bytes_ = 0, made_ = 0;
};

}  // namespace qs_emu
