// The addon's table of contents: one C++ file a kernel facility.
#include <napi.h>

#include "facilities.h"

static Napi::Object Init(Napi::Env env, Napi::Object exports) {
  ring3::ExportLayout(env, exports);
  ring3::ExportLaunch(env, exports);
  ring3::ExportDescriptors(env, exports);
  ring3::ExportMemory(env, exports);
  ring3::ExportFutex(env, exports);
  ring3::ExportGofer(env, exports);
  ring3::ExportNotify(env, exports);
  ring3::ExportPtrace(env, exports);
  ring3::ExportConfine(env, exports);
  ring3::ExportProcessor(env, exports);
  ring3::ExportStubLayout(env, exports);
  return exports;
}

NODE_API_MODULE(ring3, Init)
