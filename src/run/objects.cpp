#include "run/objects.h"

namespace flowlet::run {
namespace {

bool is_stop(Kind kind) {
    return kind == Kind::interrupted || kind == Kind::terminated;
}

Result fail(const host::Bucket& bucket, const std::string& key, const std::string& reason, const std::string& message,
            Kind kind) {
    Result result;
    result.kind = kind;
    result.cause = plan::Cause{};
    result.cause->object = "s3://" + printable(bucket.name) + "/" + printable(key);
    result.cause->reason = reason;
    result.cause->message = message;
    return result;
}

}  // namespace

Result Objects::act(const plan::Upload& upload, const Waiting& waiting) {
    (void)waiting;
    const host::NewObject& object = upload.object;
    try {
        host_.put_object(object);
    } catch (const Error& error) {
        const Kind kind = is_stop(error.kind()) ? error.kind() : upload.failed;
        Result result = fail(object.bucket, object.key, "NotCopied", printable(error.what()), kind);
        result.cause->next = error.hint();
        return result;
    }
    return {};
}

Result Objects::act(const plan::ProveLock& proof, const Waiting& waiting) {
    (void)waiting;
    constexpr int refused = 403;
    const auto lie = [&](const std::string& message) {
        return fail(proof.bucket, proof.key, "NotLocked", message, proof.unfit);
    };
    try {
        const host::ObjectLock lock = host_.look_at_lock(proof.bucket, proof.key);
        if (lock.mode != "COMPLIANCE") {
            return lie(lock.mode.empty() ? "the bucket took the object, but keeps no lock on it"
                                         : "the bucket's lock is " + printable(lock.mode) + ", not COMPLIANCE");
        }
        if (lock.until < proof.until) {
            return lie("the bucket's lock ends at " + render_time(lock.until) + ", before " + render_time(proof.until));
        }
        if (lock.version.empty()) return lie("the bucket keeps no versions, so nothing can be locked in it");
        const int status = host_.remove_object(proof.bucket, proof.key, lock.version);
        if (status != refused) {
            return lie("the bucket says that the object is locked, but a removal was answered with " +
                       std::to_string(status) + " instead of a refusal");
        }
    } catch (const Error& error) {
        const Kind kind = is_stop(error.kind()) ? error.kind() : Kind::partial;
        return fail(proof.bucket, proof.key, "NotProven", printable(error.what()), kind);
    }
    return {};
}

}  // namespace flowlet::run
