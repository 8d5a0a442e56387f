#include <nlohmann/json.hpp>

#include "flowlet/plan.h"
#include "flowlet/stream.h"

namespace flowlet::plan {
namespace {

/// A verifier is no password, but one can be guessed from it: in records its place is enough.
std::string statement_in(const Execute& execute) {
    const std::string& text = execute.statement;
    const std::size_t verifier = text.find("'SCRAM-SHA-256$");
    return verifier == std::string::npos ? text : text.substr(0, verifier) + "'***'";
}

std::string object_name(const host::Bucket& bucket, const std::string& key) {
    return "s3://" + printable(bucket.name) + "/" + printable(key);
}

struct Words {
    std::string operator()(const Invoke& invoke) const { return host::render(invoke.command); }
    std::string operator()(const Send& send) const { return send.request.method + " " + send.request.path; }
    std::string operator()(const Execute& execute) const {
        return "as " + execute.database.user + " on " + host::render(execute.database) + ": " + statement_in(execute);
    }
    std::string operator()(const Sweep& sweep) const { return "go through GET " + sweep.list.path; }
    std::string operator()(const Write& write) const { return "write " + printable(write.path); }
    std::string operator()(const Erase& erase) const { return "remove " + printable(erase.path); }
    std::string operator()(const Survey& survey) const { return "survey " + host::render(survey.database); }
    std::string operator()(const Transfer& transfer) const { return host::render(transfer.flow); }
    std::string operator()(const Claim& claim) const { return "lock " + printable(claim.lock); }
    std::string operator()(const Release& release) const { return "unlock " + printable(release.lock); }
    std::string operator()(const MakeFolder& folder) const { return "create " + printable(folder.path); }
    std::string operator()(const Clear& clear) const { return "remove " + printable(clear.path); }
    std::string operator()(const Publish& publish) const {
        return "rename " + printable(publish.from) + " to " + printable(publish.to);
    }
    std::string operator()(const Compose& compose) const { return "write " + printable(compose.path); }
    std::string operator()(const Upload& upload) const {
        const host::NewObject& object = upload.object;
        const std::string lock = object.locked_until ? ", locked until " + render_time(*object.locked_until) : "";
        return "copy " + printable(object.path) + " to " + object_name(object.bucket, object.key) + lock;
    }
    std::string operator()(const ProveLock& proof) const {
        return "try to remove " + object_name(proof.bucket, proof.key);
    }
    std::string operator()(const Amend& amend) const { return "change " + printable(amend.path); }
    std::string operator()(const Keep& keep) const { return host::render(keep.launch.command); }
    std::string operator()(const End& end) const { return "end " + printable(join(end.subjects, ", ")); }
    std::string operator()(const Detach& detach) const { return host::render(detach.command); }
    std::string operator()(const Await& await) const {
        const std::string count = std::to_string(await.subjects.size());
        return "watch " + count + (await.subjects.size() == 1 ? " object" : " objects") + " for at most " +
               render_duration(await.timeout);
    }
};

/// What an action does, bodies and all: bodies are digested, so that no value of theirs stands in the digest's input.
struct Identity {
    template <typename Other>
    std::string operator()(const Other& action) const {
        return Words()(action);
    }
    std::string operator()(const Invoke& invoke) const {
        return host::render(invoke.command) + '\n' + stream::sha256_hex(invoke.command.input);
    }
    std::string operator()(const Send& send) const {
        const std::string what = send.request.method + ' ' + send.request.path + '\n';
        return what + (send.body == Send::Body::secret ? "(secret)" : stream::sha256_hex(send.request.body));
    }
    std::string operator()(const Execute& execute) const {
        return Words()(execute) + (execute.expect == Execute::Expect::done ? "" : "\nrefused");
    }
    std::string operator()(const Sweep& sweep) const { return sweep.list.path; }
    std::string operator()(const Write& write) const {
        return "write " + write.path + '\n' + stream::sha256_hex(write.content) + '\n' + std::to_string(write.mode);
    }
    std::string operator()(const Erase& erase) const {
        return "remove " + erase.path + '\n' + stream::sha256_hex(erase.content);
    }
    std::string operator()(const Amend& amend) const {
        return "change " + amend.path + '\n' + stream::sha256_hex(amend.before) + '\n' +
               stream::sha256_hex(amend.after);
    }
    /// Of its environment the names only: from a digest of a short secret that secret could be guessed.
    std::string operator()(const Keep& keep) const {
        std::string text = Words()(keep) + "\nin " + keep.launch.command.folder;
        for (const auto& [name, value] : keep.launch.env)
            text += '\n' + name;
        return text;
    }
    std::string operator()(const Survey& survey) const { return Words()(survey) + '\n' + survey.first; }
    std::string operator()(const Transfer& transfer) const {
        return Words()(transfer) + (transfer.snapshot ? "\n" + (*this)(*transfer.snapshot) : "");
    }
    std::string operator()(const Claim& claim) const { return Words()(claim) + '\n' + join(claim.names, "\n"); }
    std::string operator()(const Await& await) const {
        return join(await.subjects, "\n") + '\n' + render_duration(await.timeout);
    }
};

std::string_view word(Op op) {
    switch (op) {
        case Op::create:
            return "create";
        case Op::update:
            return "update";
        case Op::remove:
            return "remove";
    }
    return "";
}

std::string_view word(Effect effect) {
    switch (effect) {
        case Effect::none:
            return "none";
        case Effect::files:
            return "files";
        case Effect::cluster:
            return "cluster";
        case Effect::data:
            return "data";
    }
    return "";
}

std::string_view word(Finding::Severity severity) {
    switch (severity) {
        case Finding::Severity::note:
            return "note";
        case Finding::Severity::warning:
            return "warning";
        case Finding::Severity::error:
            return "error";
    }
    return "";
}

nlohmann::json changes_json(const std::vector<Change>& changes) {
    nlohmann::json list = nlohmann::json::array();
    for (const Change& change : changes) {
        nlohmann::json fields = nlohmann::json::array();
        for (const FieldChange& field : change.fields) {
            fields.push_back({{"path", field.path}, {"before", field.before}, {"after", field.after}});
        }
        list.push_back({{"op", word(change.op)}, {"object", change.object}, {"by", change.by}, {"fields", fields}});
    }
    return list;
}

nlohmann::json findings_json(const std::vector<Finding>& findings) {
    nlohmann::json list = nlohmann::json::array();
    for (const Finding& finding : findings) {
        list.push_back({{"severity", word(finding.severity)},
                        {"object", finding.object},
                        {"message", finding.message},
                        {"place", finding.place},
                        {"hint", finding.hint}});
    }
    return list;
}

nlohmann::json steps_json(const std::vector<Step>& steps) {
    nlohmann::json list = nlohmann::json::array();
    for (const Step& step : steps) {
        nlohmann::json undo = nlohmann::json::array();
        for (const Step::Undo& back : step.undo) {
            undo.push_back({{"what", back.what}, {"action", render(back.action)}});
        }
        list.push_back({{"id", step.id},
                        {"what", step.what},
                        {"action", render(step.action)},
                        {"after", step.after},
                        {"undo", undo}});
    }
    return list;
}

}  // namespace

std::string render(const Action& action) {
    return std::visit(Words{}, action);
}

std::string digest(const Plan& plan) {
    std::string text;
    for (const Step& step : plan.steps) {
        text += step.id + '\n' + std::visit(Identity{}, step.action) + '\n' + join(step.after, " ") + '\n';
    }
    return stream::sha256_hex(text);
}

nlohmann::json to_json(const Plan& plan) {
    nlohmann::json confirm = nullptr;
    if (plan.confirm) confirm = {{"name", plan.confirm->name}, {"what", plan.confirm->what}};
    return {{"apiVersion", "flowlet/v1"},
            {"kind", "Plan"},
            {"title", plan.title},
            {"command", plan.subject.command},
            {"environment", plan.subject.environment},
            {"namespace", plan.subject.space},
            {"release", plan.subject.release},
            {"cluster", plan.subject.cluster},
            {"effect", word(plan.effect)},
            {"changes", changes_json(plan.changes)},
            {"findings", findings_json(plan.findings)},
            {"unchanged", plan.unchanged},
            {"confirm", std::move(confirm)},
            {"steps", steps_json(plan.steps)},
            {"digest", digest(plan)}};
}

}  // namespace flowlet::plan
