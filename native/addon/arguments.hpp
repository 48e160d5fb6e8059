// Reading arguments and making values with the C Node-API, nothing else.
#pragma once

#include <node_api.h>

#include <cstdint>
#include <string>

namespace trunkline::addon {

// The arguments of one call. A getter that meets the wrong type leaves a pending
// TypeError; `ok()` is then false and the function returns at once. The typed
// mirror (src/media/native/addon.ts) keeps that from happening.
class Arguments {
 public:
  static constexpr size_t kMaximum = 32;

  Arguments(napi_env env, napi_callback_info info) : env_(env) {
    count_ = kMaximum;
    napi_get_cb_info(env, info, &count_, values_, nullptr, nullptr);
  }

  bool ok() const { return ok_; }

  int32_t integer(size_t index) {
    int32_t value = 0;
    check(napi_get_value_int32(env_, value_(index), &value));
    return value;
  }
  uint32_t unsignedInteger(size_t index) {
    uint32_t value = 0;
    check(napi_get_value_uint32(env_, value_(index), &value));
    return value;
  }
  bool boolean(size_t index) {
    bool value = false;
    check(napi_get_value_bool(env_, value_(index), &value));
    return value;
  }
  std::string text(size_t index) {
    size_t length = 0;
    if (!check(napi_get_value_string_utf8(env_, value_(index), nullptr, 0, &length))) return {};
    std::string value(length, '\0');
    check(napi_get_value_string_utf8(env_, value_(index), value.data(), length + 1, &length));
    return value;
  }
  template <typename T>
  T* external(size_t index) {
    void* value = nullptr;
    check(napi_get_value_external(env_, value_(index), &value));
    return static_cast<T*>(value);
  }
  const int16_t* samples(size_t index, size_t* count) {
    return static_cast<const int16_t*>(typedArray(index, napi_int16_array, count));
  }
  double* doubles(size_t index, size_t* count) {
    return static_cast<double*>(typedArray(index, napi_float64_array, count));
  }
  const uint8_t* bytes(size_t index, size_t* count) {
    return static_cast<const uint8_t*>(typedArray(index, napi_uint8_array, count));
  }
  napi_value raw(size_t index) { return value_(index); }

 private:
  napi_value value_(size_t index) const { return index < count_ ? values_[index] : nullptr; }

  void* typedArray(size_t index, napi_typedarray_type expected, size_t* count) {
    napi_typedarray_type type = napi_int8_array;
    void* data = nullptr;
    *count = 0;
    if (!check(napi_get_typedarray_info(env_, value_(index), &type, count, &data, nullptr, nullptr))) return nullptr;
    if (type != expected) check(napi_invalid_arg);
    return data;
  }

  bool check(napi_status status) {
    if (status == napi_ok) return true;
    if (ok_) napi_throw_type_error(env_, nullptr, "wrong argument for the media addon");
    ok_ = false;
    return false;
  }

  napi_env env_;
  size_t count_ = 0;
  napi_value values_[kMaximum] = {};
  bool ok_ = true;
};

inline napi_value makeNumber(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}
inline napi_value makeInteger(napi_env env, int32_t value) {
  napi_value result = nullptr;
  napi_create_int32(env, value, &result);
  return result;
}
inline napi_value makeBoolean(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

}  // namespace trunkline::addon
