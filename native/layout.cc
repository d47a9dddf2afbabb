// What TypeScript must know of native/spawn/plan.h, taken from the compiler: nothing is typed twice.
#include <cstddef>

#include "facilities.h"
#include "spawn/plan.h"

namespace ring3 {
namespace {

#define PUT(object, type, field) object.Set(#field, Napi::Number::New(env, offsetof(type, field)))

Napi::Object PlanLayout(Napi::Env env) {
  Napi::Object plan = Napi::Object::New(env);
  PUT(plan, Plan, magic);
  PUT(plan, Plan, bytes);
  PUT(plan, Plan, step_count);
  PUT(plan, Plan, shared);
  PUT(plan, Plan, steps);
  plan.Set("size", sizeof(Plan));
  plan.Set("magicValue", kPlanMagic);
  plan.Set("stepSize", sizeof(Step));
  plan.Set("stepOp", offsetof(Step, op));
  plan.Set("stepField", offsetof(Step, field));
  plan.Set("fieldSize", sizeof(Field));
  plan.Set("fieldLength", offsetof(Field, length));
  return plan;
}

Napi::Object SharedLayout(Napi::Env env) {
  Napi::Object shared = Napi::Object::New(env);
  PUT(shared, Shared, started);
  PUT(shared, Shared, cloned);
  PUT(shared, Shared, executed);
  PUT(shared, Shared, failed_step);
  PUT(shared, Shared, command_status);
  PUT(shared, Shared, finished);
  return shared;
}

Napi::Object ReportLayout(Napi::Env env) {
  Napi::Object report = Napi::Object::New(env);
  PUT(report, Report, kind);
  PUT(report, Report, pid);
  PUT(report, Report, status);
  PUT(report, Report, error);
  PUT(report, Report, step);
  PUT(report, Report, user_us);
  PUT(report, Report, system_us);
  PUT(report, Report, max_rss_kib);
  PUT(report, Report, where);
  report.Set("size", sizeof(Report));
  report.Set("whereSize", sizeof(Report::where));
  report.Set("running", static_cast<uint32_t>(kRunning));
  report.Set("failed", static_cast<uint32_t>(kFailed));
  report.Set("exited", static_cast<uint32_t>(kExited));
  return report;
}

Napi::Object CommandLayout(Napi::Env env) {
  Napi::Object command = Napi::Object::New(env);
  PUT(command, Command, kind);
  PUT(command, Command, signal);
  command.Set("size", sizeof(Command));
  command.Set("sendSignal", static_cast<uint32_t>(kSignal));
  command.Set("release", static_cast<uint32_t>(kRelease));
  return command;
}

Napi::Object StepLayout(Napi::Env env) {
  Napi::Object steps = Napi::Object::New(env);
  auto put = [&](const char* name, uint32_t op, const char* fields) {
    Napi::Object step = Napi::Object::New(env);
    step.Set("op", op);
    step.Set("fields", fields);
    steps.Set(name, step);
  };
#define X(name, fields) put(#name, op_##name, fields);
  RING3_STEPS(X)
#undef X
  return steps;
}

}  // namespace

void ExportLayout(Napi::Env env, Napi::Object exports) {
  Napi::Object layout = Napi::Object::New(env);
  layout.Set("plan", PlanLayout(env));
  layout.Set("shared", SharedLayout(env));
  layout.Set("report", ReportLayout(env));
  layout.Set("command", CommandLayout(env));
  layout.Set("steps", StepLayout(env));
  exports.Set("layout", layout);
}

}  // namespace ring3
