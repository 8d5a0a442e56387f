#include "host/s3.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <cerrno>
#include <exception>
#include <map>
#include <mutex>
#include <pugixml.hpp>
#include <thread>

#include "flowlet/stream.h"
#include "host/s3_call.h"

namespace flowlet::host {
namespace {

/// A part may be no smaller than 5 MiB but for the last, and there are at most 10,000 (Amazon S3 API reference).
constexpr std::uint64_t part_bytes = std::uint64_t{16} << 20U;
constexpr std::uint64_t most_parts = 9000;
constexpr std::size_t threads_at_once = 4;
constexpr int most_resumptions = 10;

/// "AccessDenied: Access Denied", of an error's document.
std::string words_of(const S3Answer& answer) {
    if (answer.status == 0) return answer.body;
    pugi::xml_document document;
    std::string text = "HTTP " + std::to_string(answer.status);
    if (document.load_buffer(answer.body.data(), answer.body.size())) {
        const pugi::xml_node error = document.child("Error");
        const std::string code = error.child_value("Code");
        const std::string message = error.child_value("Message");
        if (!code.empty()) text += " " + code;
        if (!message.empty()) text += ": " + message;
    }
    return printable(text);
}

std::string name_of(const Bucket& bucket, const std::string& key) {
    return "s3://" + bucket.name + (key.empty() ? "" : "/" + key) + " at " + bucket.endpoint;
}

[[noreturn]] void refuse(const Bucket& bucket, const std::string& key, const std::string& doing, const S3Answer& answer,
                         Kind otherwise) {
    constexpr int denied = 403;
    const Kind kind = answer.status == denied ? Kind::denied : otherwise;
    throw Error(kind, "cannot " + doing + " " + name_of(bucket, key) + ": " + words_of(answer),
                kind == Kind::denied ? "check the access key, its secret and what it may do there" : "");
}

/// The document of an answer that should hold one of that name.
pugi::xml_document parse(const Bucket& bucket, const S3Answer& answer, const char* name) {
    pugi::xml_document document;
    if (!document.load_buffer(answer.body.data(), answer.body.size()) || !document.child(name)) {
        throw Error(Kind::tool_failed, name_of(bucket, "") + " does not answer like an S3 store");
    }
    return document;
}

class SourceFile {
public:
    explicit SourceFile(const std::string& path)
        : path_(path), file_(::open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NOFOLLOW)) {
        struct stat status {};
        if (!file_.open() || ::fstat(file_.get(), &status) != 0) {
            throw Error(Kind::precondition, "cannot read " + path + ": " + system_text(errno));
        }
        size_ = static_cast<std::uint64_t>(status.st_size);
    }
    [[nodiscard]] int descriptor() const { return file_.get(); }
    [[nodiscard]] std::uint64_t size() const { return size_; }

    [[nodiscard]] std::string sha256(std::uint64_t from, std::uint64_t bytes) const {
        stream::Digest digest;
        std::string buffer(std::size_t{256} << 10U, '\0');
        while (bytes > 0) {
            const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(bytes, buffer.size()));
            const auto got = ::pread(file_.get(), buffer.data(), most, static_cast<off_t>(from));
            if (got < 0 && errno == EINTR) continue;
            if (got <= 0) throw Error(Kind::failed, path_ + " has become shorter while it was read");
            digest.update({buffer.data(), static_cast<std::size_t>(got)});
            from += static_cast<std::uint64_t>(got);
            bytes -= static_cast<std::uint64_t>(got);
        }
        return digest.hex();
    }

private:
    std::string path_;
    Descriptor file_;
    std::uint64_t size_ = 0;
};

std::string base64_of_hex(std::string_view digits) {
    std::string bytes;
    for (std::size_t i = 0; i + 1 < digits.size(); i += 2)
        bytes += static_cast<char>(std::stoi(std::string(digits.substr(i, 2)), nullptr, 16));
    return stream::base64_encode(bytes);
}

std::map<std::string, std::string> lock_headers(const NewObject& object) {
    std::map<std::string, std::string> headers;
    if (object.locked_until) {
        constexpr std::size_t to_seconds = 19;
        headers["x-amz-object-lock-mode"] = "COMPLIANCE";
        headers["x-amz-object-lock-retain-until-date"] = render_time(*object.locked_until).substr(0, to_seconds) + "Z";
    }
    return headers;
}

/// One object in many parts. Until it is completed nothing is there; given up, its parts are removed.
class Multipart {
public:
    Multipart(const NewObject& object, const SourceFile& file, const Interrupt* interrupt)
        : object_(object), file_(file), interrupt_(interrupt) {
        size_ = std::max(part_bytes, file.size() / most_parts + 1);
        parts_.resize(static_cast<std::size_t>((file.size() + size_ - 1) / size_));
    }

    void put() {
        begin();
        try {
            send_all();
            complete();
        } catch (const Error&) {
            give_up();
            throw;
        }
    }

private:
    struct Part {
        std::string etag;
        std::string checksum;
    };

    void begin() {
        S3Call call;
        call.method = "POST";
        call.key = object_.key;
        call.query = {{"uploads", ""}};
        call.headers = lock_headers(object_);
        call.headers["x-amz-checksum-algorithm"] = "SHA256";
        const S3Answer answer = call_store(object_.bucket, call, interrupt_);
        if (!answer.ok()) refuse(object_.bucket, object_.key, "begin to write", answer, Kind::tool_failed);
        const pugi::xml_document document = parse(object_.bucket, answer, "InitiateMultipartUploadResult");
        id_ = document.child("InitiateMultipartUploadResult").child_value("UploadId");
    }

    void send_all() {
        std::vector<std::thread> threads;
        for (std::size_t i = 0; i < std::min(threads_at_once, parts_.size()); ++i)
            threads.emplace_back([this] { send_some(); });
        for (std::thread& thread : threads)
            thread.join();
        if (failure_) std::rethrow_exception(failure_);
    }

    void send_some() {
        try {
            for (std::size_t at = next_++; at < parts_.size() && !failed_; at = next_++)
                send(at);
        } catch (...) {
            failed_ = true;
            const std::lock_guard lock(mutex_);
            if (!failure_) failure_ = std::current_exception();
        }
    }

    void send(std::size_t at) {
        const std::uint64_t from = at * size_;
        const std::uint64_t bytes = std::min(size_, file_.size() - from);
        S3Call call;
        call.method = "PUT";
        call.key = object_.key;
        call.query = {{"partNumber", std::to_string(at + 1)}, {"uploadId", id_}};
        call.piece = Piece{file_.descriptor(), from, bytes};
        call.sha256 = file_.sha256(from, bytes);
        parts_[at].checksum = base64_of_hex(call.sha256);
        call.headers["x-amz-checksum-sha256"] = parts_[at].checksum;
        const S3Answer answer = call_store(object_.bucket, call, interrupt_);
        if (!answer.ok()) refuse(object_.bucket, object_.key, "write", answer, Kind::tool_failed);
        parts_[at].etag = answer.header("etag");
    }

    void complete() {
        pugi::xml_document document;
        pugi::xml_node root = document.append_child("CompleteMultipartUpload");
        for (std::size_t at = 0; at < parts_.size(); ++at) {
            pugi::xml_node part = root.append_child("Part");
            part.append_child("ChecksumSHA256").text().set(parts_[at].checksum.c_str());
            part.append_child("ETag").text().set(parts_[at].etag.c_str());
            part.append_child("PartNumber").text().set(std::to_string(at + 1).c_str());
        }
        std::ostringstream text;
        document.save(text, "", pugi::format_raw);
        S3Call call;
        call.method = "POST";
        call.key = object_.key;
        call.query = {{"uploadId", id_}};
        call.body = text.str();
        const S3Answer answer = call_store(object_.bucket, call, interrupt_);
        // A store may begin to answer 200 and think better of it: the document says which it is.
        pugi::xml_document said;
        const bool done = answer.ok() && said.load_buffer(answer.body.data(), answer.body.size()) &&
                          said.child("CompleteMultipartUploadResult");
        if (!done) refuse(object_.bucket, object_.key, "complete", answer, Kind::tool_failed);
    }

    void give_up() const {
        S3Call call;
        call.method = "DELETE";
        call.key = object_.key;
        call.query = {{"uploadId", id_}};
        try {
            // Asked to stop or not: what was begun is cleared away.
            (void)call_once(object_.bucket, call, nullptr);
        } catch (const Error&) {
            // What made it fail is told, not this.
        }
    }

    const NewObject& object_;
    const SourceFile& file_;
    const Interrupt* interrupt_;
    std::uint64_t size_ = 0;
    std::string id_;
    std::vector<Part> parts_;
    std::atomic<std::size_t> next_{0};
    std::atomic<bool> failed_{false};
    std::mutex mutex_;
    std::exception_ptr failure_;
};

void put_whole(const NewObject& object, const SourceFile& file, const Interrupt* interrupt) {
    S3Call call;
    call.method = "PUT";
    call.key = object.key;
    call.piece = Piece{file.descriptor(), 0, file.size()};
    call.sha256 = file.sha256(0, file.size());
    call.headers = lock_headers(object);
    call.headers["x-amz-checksum-sha256"] = base64_of_hex(call.sha256);
    const S3Answer answer = call_store(object.bucket, call, interrupt);
    if (!answer.ok()) refuse(object.bucket, object.key, "write", answer, Kind::tool_failed);
}

}  // namespace

std::vector<Object> list_bucket(const Bucket& bucket, const std::string& prefix, const Interrupt* interrupt) {
    std::map<std::string, std::pair<std::string, Object>> first;  // by key: when it was written, and what
    std::vector<std::pair<std::string, std::string>> from;
    for (;;) {
        S3Call call;
        call.query = {{"versions", ""}, {"prefix", prefix}};
        call.query.insert(call.query.end(), from.begin(), from.end());
        const S3Answer answer = call_store(bucket, call, interrupt);
        if (!answer.ok()) refuse(bucket, "", "list", answer, Kind::precondition);
        const pugi::xml_document document = parse(bucket, answer, "ListVersionsResult");
        const pugi::xml_node result = document.child("ListVersionsResult");
        for (const pugi::xml_node one : result.children("Version")) {
            const std::string key = one.child_value("Key");
            const std::string written = one.child_value("LastModified");
            const auto there = first.find(key);
            // Of one time the later in the list is the older.
            if (there != first.end() && there->second.first < written) continue;
            first[key] = {written, {key, one.child_value("VersionId"), one.child("Size").text().as_ullong()}};
        }
        const std::string key = result.child_value("NextKeyMarker");
        if (!result.child("IsTruncated").text().as_bool() || key.empty()) break;
        from = {{"key-marker", key}, {"version-id-marker", result.child_value("NextVersionIdMarker")}};
    }
    std::vector<Object> objects;
    for (auto& [key, one] : first)
        objects.push_back(std::move(one.second));
    return objects;
}

std::string read_from_bucket(const Bucket& bucket, const Object& object, std::size_t limit,
                             const Interrupt* interrupt) {
    S3Call call;
    call.key = object.key;
    if (!object.version.empty()) call.query = {{"versionId", object.version}};
    call.limit = limit;
    S3Answer answer = call_store(bucket, call, interrupt);
    if (!answer.ok()) refuse(bucket, object.key, "read", answer, Kind::precondition);
    return std::move(answer.body);
}

ObjectLock lock_in_bucket(const Bucket& bucket, const std::string& key, const Interrupt* interrupt) {
    S3Call call;
    call.method = "HEAD";
    call.key = key;
    const S3Answer answer = call_store(bucket, call, interrupt);
    if (!answer.ok()) refuse(bucket, key, "look at", answer, Kind::precondition);
    ObjectLock lock;
    lock.mode = answer.header("x-amz-object-lock-mode");
    lock.until = parse_time(answer.header("x-amz-object-lock-retain-until-date")).value_or(Time{});
    lock.version = answer.header("x-amz-version-id");
    return lock;
}

void put_into_bucket(const NewObject& object, const Interrupt* interrupt) {
    const SourceFile file(object.path);
    if (file.size() <= part_bytes) {
        put_whole(object, file, interrupt);
    } else {
        Multipart(object, file, interrupt).put();
    }
}

int remove_from_bucket(const Bucket& bucket, const std::string& key, const std::string& version,
                       const Interrupt* interrupt) {
    S3Call call;
    call.method = "DELETE";
    call.key = key;
    if (!version.empty()) call.query = {{"versionId", version}};
    return call_store(bucket, call, interrupt).status;
}

void stream_from_bucket(const Bucket& bucket, const Object& object, const std::function<bool(std::string_view)>& take) {
    std::uint64_t came = 0;
    bool wanted = true;
    std::string etag;
    for (int resumption = 0;; ++resumption) {
        S3Call call;
        call.key = object.key;
        if (!object.version.empty()) call.query = {{"versionId", object.version}};
        if (came > 0) {
            call.headers["range"] = "bytes=" + std::to_string(came) + "-";
            call.headers["if-match"] = etag;
        }
        call.take = [&](std::string_view bytes) {
            came += bytes.size();
            wanted = take(bytes);
            return wanted;
        };
        const std::uint64_t before = came;
        const S3Answer answer = call_once(bucket, call, nullptr);
        constexpr int partial_content = 206;
        if (answer.ok() && before > 0 && answer.status != partial_content) {
            throw Error(Kind::tool_failed,
                        name_of(bucket, object.key) + " came from its beginning again, not from where the line broke");
        }
        if (answer.ok() || !wanted) return;
        if (!answer.header("etag").empty()) etag = answer.header("etag");
        // What has come is lost if nobody says that the rest belongs to it.
        const bool lost = came > 0 && etag.empty();
        if (!is_passing(answer) || lost || resumption >= most_resumptions) {
            refuse(bucket, object.key, "read", answer, Kind::precondition);
        }
        if (came > before) resumption = 0;
        pause_for(Millis{250}, nullptr);
    }
}

}  // namespace flowlet::host
