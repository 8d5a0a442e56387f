#include <optional>
#include <utility>

#include "audit/log_file.h"
#include "audit/process.h"
#include "audit/record.h"
#include "audit/spool.h"
#include "flowlet/audit.h"
#include "flowlet/evidence.h"

namespace flowlet::audit {
namespace {

/// Takes known secrets out of every text of a record, and leaves its form alone.
void scrub(Json& record, const stream::Scrubber& scrubber) {
    if (record.is_string()) {
        record = scrubber.scrub(record.get_ref<const std::string&>());
    } else if (record.is_structured()) {
        for (Json& member : record)
            scrub(member, scrubber);
    }
}

class Log final : public run::Observer {
public:
    explicit Log(Options options) : options_(std::move(options)) {}

    void begin(const plan::Plan& plan, Time now) override {
        (void)now;
        run_ = describe_run(options_.actor, plan);
        if (options_.scrubber != nullptr) scrub(run_, *options_.scrubber);
        file_.emplace(options_.folder, options_.lock_wait);
        const Spool spool(file_->folder());
        intent_ = file_->append([&](const Recent& recent) {
            std::map<std::uint64_t, Json> open = recent.open_intents();
            std::vector<Json> records = spool.records(open, run_);
            for (const Json& record : records) {
                if (record.contains("of")) open.erase(record.at("of").get<std::uint64_t>());
            }
            add_abandoned(open, records);
            records.push_back(describe_intent(run_));
            return records;
        });
        spool.clear();
    }

    void end(run::Report& report) override {
        if (!intent_) return;
        Json record = describe_outcome(run_, *std::exchange(intent_, std::nullopt), report);
        if (options_.scrubber != nullptr) scrub(record, *options_.scrubber);
        try {
            file_->append([&](const Recent&) { return std::vector<Json>{record}; });
        } catch (const std::exception& error) {
            keep_elsewhere(record, error.what(), report);
        }
    }

private:
    void add_abandoned(const std::map<std::uint64_t, Json>& open, std::vector<Json>& records) const {
        for (const auto& [index, intent] : open) {
            if (is_gone(intent.value("from", Json()), options_.actor.host, options_.actor.boot)) {
                records.push_back(describe_abandoned(run_, intent));
            }
        }
    }

    void keep_elsewhere(Json record, const std::string& why, run::Report& report) const {
        if (report.kind == Kind::ok) report.kind = Kind::unaudited;
        record["out"]["code"] = exit_code(report.kind);
        std::string said = "the outcome is not in the audit log (" + why + "); ";
        try {
            said += "it is kept in " + put_in_spool(options_.folder, record) + ", the next command takes it over";
        } catch (const std::exception& error) {
            said += "nor could it be kept beside it (" + std::string(error.what()) +
                    "); keep this record: " + evidence::canonical(record);
        }
        report.left.push_back(said);
    }

    Options options_;
    Json run_;
    std::optional<LogFile> file_;
    std::optional<std::uint64_t> intent_;
};

}  // namespace

std::unique_ptr<run::Observer> make_log(const Options& options) {
    return std::make_unique<Log>(options);
}

}  // namespace flowlet::audit
