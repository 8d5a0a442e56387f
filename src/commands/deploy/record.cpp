#include <cstdlib>
#include <nlohmann/json.hpp>

#include "commands/deploy/deploy.h"
#include "flowlet/stream.h"

namespace flowlet::commands::deploy {
namespace {

constexpr std::size_t record_limit = std::size_t{64} * 1024 * 1024;
/// A Secret may hold 1 MiB, base64 takes a third of it.
constexpr std::size_t largest_record = std::size_t{700} * 1024;

std::string folder(const std::string& space) {
    return "/api/v1/namespaces/" + space + "/secrets";
}

Record read(const nlohmann::json& body) {
    Record record;
    record.number = body.value("number", 0);
    record.time = body.value("time", "");
    record.user = body.value("user", "");
    record.run_id = body.value("run", "");
    record.what = body.value("what", "");
    record.image_tag = body.value("image_tag", "");
    record.helm_revision = body.value("helm_revision", 0);
    record.chart_inputs = body.value("chart_inputs", "");
    for (const nlohmann::json& object : body.value("objects", nlohmann::json::array())) {
        record.objects.push_back(std::make_shared<const nlohmann::json>(object));
    }
    return record;
}

}  // namespace

std::string record_name(const std::string& release, int number) {
    return "flowletctl-" + release + "-" + std::to_string(number);
}

host::Request list_records(const std::string& space, const std::string& release) {
    return kube::list({"v1", "Secret", "secrets", true}, space, "flowletctl.io/release=" + release);
}

host::Request get_record(const std::string& space, const std::string& release, int number) {
    return kube::get({"v1", "Secret", "secrets", true}, {"v1", "Secret", space, record_name(release, number)});
}

std::string render_record(const Record& record) {
    nlohmann::json objects = nlohmann::json::array();
    for (const kube::Json& object : record.objects) {
        objects.push_back(*object);
    }
    return nlohmann::json{{"number", record.number},
                          {"time", record.time},
                          {"user", record.user},
                          {"run", record.run_id},
                          {"what", record.what},
                          {"image_tag", record.image_tag},
                          {"helm_revision", record.helm_revision},
                          {"chart_inputs", record.chart_inputs},
                          {"objects", objects}}
        .dump();
}

Record parse_record(std::string_view secret) {
    try {
        const nlohmann::json data = nlohmann::json::parse(secret).at("data");
        const std::string packed = stream::base64_decode(data.at("deploy").get<std::string>());
        return read(nlohmann::json::parse(stream::gunzip(packed, record_limit)));
    } catch (const nlohmann::json::exception& error) {
        throw Error(Kind::verification, std::string("a deploy on record cannot be read: ") + error.what());
    }
}

plan::Step plan_record(const Shared& shared, const Record& record) {
    const std::string packed = stream::gzip(render_record(record));
    if (packed.size() > largest_record) {
        throw Error(Kind::config,
                    "the manifests are too large to be kept for a rollback: " + std::to_string(packed.size()) +
                        " bytes compressed, " + std::to_string(largest_record) + " fit into a Secret",
                    "move large data out of the manifests");
    }
    const std::string name = record_name(shared.release, shared.record);
    const nlohmann::json body = {
        {"apiVersion", "v1"},
        {"kind", "Secret"},
        {"type", "flowletctl.io/deploy"},
        {"metadata",
         {{"name", name},
          {"namespace", shared.space},
          {"annotations", {{note_revision, std::to_string(record.helm_revision)}, {note_inputs, record.chart_inputs}}},
          {"labels",
           {{"flowletctl.io/release", shared.release},
            {"flowletctl.io/number", std::to_string(shared.record)},
            {"app.kubernetes.io/managed-by", "flowletctl"}}}}},
        {"data", {{"deploy", stream::base64_encode(packed)}}}};
    plan::Send keep;
    keep.endpoint = shared.cluster.endpoint;
    keep.request = {"POST", folder(shared.space), body.dump(), "application/json", "application/json"};
    plan::Send forget;
    forget.endpoint = shared.cluster.endpoint;
    forget.request.method = "DELETE";
    forget.request.path = folder(shared.space) + "/" + name;
    forget.accept = {200, 202, 404};
    plan::Step step;
    step.id = "record";
    step.what = "keep deploy " + std::to_string(shared.record) + " on record";
    step.action = keep;
    step.undo.push_back({"forget deploy " + std::to_string(shared.record), forget});
    return step;
}

std::vector<plan::Step> plan_forgetting(const Shared& shared, const std::vector<int>& records, int keep) {
    std::vector<plan::Step> steps;
    const std::size_t most = keep > 1 ? static_cast<std::size_t>(keep) - 1 : 1;
    for (std::size_t i = 0; i + most < records.size(); ++i) {
        plan::Send send;
        send.endpoint = shared.cluster.endpoint;
        send.request.method = "DELETE";
        send.request.path = folder(shared.space) + "/" + record_name(shared.release, records[i]);
        send.accept = {200, 202, 404};
        plan::Step step;
        step.id = "forget/" + std::to_string(records[i]);
        step.what = "forget deploy " + std::to_string(records[i]) + ", beyond deploy.history_max";
        step.action = send;
        step.after = {"record"};
        steps.push_back(std::move(step));
    }
    return steps;
}

}  // namespace flowlet::commands::deploy
