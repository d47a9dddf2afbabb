// What programs are told of the processor: its counter beside the host's clock, and the auxiliary vector's words.
#include <sys/auxv.h>
#include <time.h>

#include "facilities.h"
#include "vdso/clock.h"

namespace ring3 {
namespace {

// readCounter(out: Float64Array): [counter, CLOCK_MONOTONIC in nanoseconds] of one moment, the best of several tries
void ReadCounter(const Napi::CallbackInfo& info) {
  auto out = info[0].As<Napi::Float64Array>();
  if (out.ElementLength() < 2) throw Napi::RangeError::New(info.Env(), "Room for two numbers is needed.");
  uint64_t narrowest = ~0ULL;
  for (int tries = 0; tries < 8; tries++) {
    struct timespec now;
    uint64_t before = read_counter();
    clock_gettime(CLOCK_MONOTONIC, &now);
    uint64_t after = read_counter();
    if (after - before >= narrowest) continue;
    narrowest = after - before;
    out[0] = static_cast<double>(before + narrowest / 2);
    out[1] = static_cast<double>(now.tv_sec) * 1e9 + static_cast<double>(now.tv_nsec);
  }
}

// auxiliaryValue(type): getauxval(3); 0 when the host does not say
Napi::Value AuxiliaryValue(const Napi::CallbackInfo& info) {
  return Napi::Number::New(info.Env(), static_cast<double>(getauxval(info[0].As<Napi::Number>().Uint32Value())));
}

Napi::Object Layout(Napi::Env env) {
  Napi::Object layout = Napi::Object::New(env);
#define PUT(field) layout.Set(#field, Napi::Number::New(env, offsetof(r3_clock, field)))
  PUT(sequence), PUT(ready), PUT(counter), PUT(monotonic), PUT(scale), PUT(realtime_seconds), PUT(realtime_nanoseconds);
#undef PUT
  return layout;
}

}  // namespace

void ExportProcessor(Napi::Env env, Napi::Object exports) {
  exports.Set("readCounter", Napi::Function::New(env, ReadCounter, "readCounter"));
  exports.Set("auxiliaryValue", Napi::Function::New(env, AuxiliaryValue, "auxiliaryValue"));
  exports.Set("clockLayout", Layout(env));
}

}  // namespace ring3
