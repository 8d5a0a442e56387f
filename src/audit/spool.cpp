#include "audit/spool.h"

#include <cerrno>

#include "audit/record.h"
#include "flowlet/evidence.h"

namespace flowlet::audit {
namespace {

constexpr const char* spool_name = "outcome.spool";
constexpr std::size_t longest = std::size_t{1024} * 1024;
constexpr Millis wait{2000};

std::string read_all(const Descriptor& file) {
    std::string bytes(longest, '\0');
    std::size_t done = 0;
    while (done < bytes.size()) {
        const ssize_t got = ::pread(file.number(), bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
        if (got < 0 && errno == EINTR) continue;
        if (got < 0) fail("cannot read its spool", errno);
        if (got == 0) break;
        done += static_cast<std::size_t>(got);
    }
    bytes.resize(done);
    return bytes;
}

bool answers(const Json& record, const std::map<std::uint64_t, Json>& open_intents) {
    const auto of = record.find("of");
    if (of == record.end() || !of->is_number_unsigned()) return false;
    const auto intent = open_intents.find(of->get<std::uint64_t>());
    return intent != open_intents.end() && intent->second.value("id", Json()) == record.value("id", Json());
}

}  // namespace

Spool::Spool(const Folder& folder) : folder_(folder), file_(folder.open_file(spool_name, Missing::leave)) {
    if (!file_.open()) return;
    if (!lock(file_, wait)) fail("another process holds its spool");
    // Another writer may have taken it in while this one waited.
    if (!folder_.still_holds(file_, spool_name)) file_ = Descriptor();
    if (file_.open()) lines_ = split(trim(read_all(file_)), '\n');
}

std::vector<Json> Spool::records(const std::map<std::uint64_t, Json>& open_intents, const Json& run) const {
    std::vector<Json> records;
    for (const std::string& line : lines_) {
        if (line.empty()) continue;
        // Only what verification would take for a record is taken over as one; the rest is kept as a text.
        const auto found = evidence::verify(line + "\n").records;
        if (found.size() == 1 && answers(*found.front().json, open_intents)) {
            Json record = *found.front().json;
            record["spooled"] = true;
            records.push_back(fit(std::move(record)));
            continue;
        }
        Json event = run;
        event["phase"] = "event";
        event["act"] = "audit.spool";
        event["out"] = {{"status", "unknown"}, {"err", "a spooled record that answers no open intent"}};
        event["text"] = line;
        records.push_back(fit(std::move(event)));
    }
    return records;
}

void Spool::clear() const {
    if (file_.open()) folder_.remove(spool_name);
}

std::string put_in_spool(const std::string& path, const Json& record) {
    const Folder folder(path);
    const Descriptor file = folder.open_file(spool_name, Missing::create);
    if (!lock(file, wait) || !folder.still_holds(file, spool_name)) fail("another process holds its spool");
    const std::string line = "\n" + evidence::canonical(record) + "\n";
    if (::write(file.number(), line.data(), line.size()) != static_cast<ssize_t>(line.size())) {
        fail("cannot write its spool", errno);
    }
    if (::fdatasync(file.number()) != 0) fail("cannot make its spool durable", errno);
    folder.sync();
    return folder.path_of(spool_name);
}

}  // namespace flowlet::audit
