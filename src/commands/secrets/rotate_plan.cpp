#include <algorithm>

#include "commands/secrets/secrets.h"
#include "commands/shared/database.h"
#include "commands/shared/rollout.h"

namespace flowlet::commands::secrets {
namespace {

std::string quote(const std::string& name) {
    std::string quoted = "\"";
    for (const char letter : name) {
        quoted += letter;
        if (letter == '"') quoted += letter;
    }
    return quoted + "\"";
}

class Builder {
public:
    Builder(const Session& session, const RotateOptions& options, const RotateFacts& facts)
        : options_(options),
          facts_(facts),
          target_{session, facts.cluster, session.config->require("namespace").text, session.config->text("release"),
                  session.config->duration("deploy.timeout")},
          staging_(staging_of(options.database, target_.space)) {}

    plan::Plan build() {
        plan_.subject = plan_subject(target_, "secrets rotate", {&facts_.cluster.kubectl});
        plan_.subject.facts.emplace_back("rotation", facts_.mark);
        plan_.effect = plan::Effect::data;
        plan_.title = (facts_.staged ? "finish rotating" : "rotate") + std::string(" the password of ") +
                      facts_.database.user + " on " + place() + " (databases." + options_.database + ")";
        add_findings();
        add(plan_lock(target_, facts_.lock, facts_.now));
        add_login();
        if (!facts_.staged) add_stage();
        if (!facts_.altered) add_alter();
        add_copies();
        add_restarts();
        add_proof();
        return std::move(plan_);
    }

private:
    [[nodiscard]] std::string place() const { return render(facts_.database); }
    /// A rotation that was cut off after the database changed goes forward only: the way back would need the old
    /// password in the database again, and the new one works.
    [[nodiscard]] bool can_return() const { return !facts_.altered; }

    void add(plan::Step step) {
        step.after.insert(step.after.end(), frontier_.begin(), frontier_.end());
        frontier_ = {step.id};
        plan_.steps.push_back(std::move(step));
    }
    /// Steps that do not wait for each other.
    void add_all(std::vector<plan::Step> steps) {
        if (steps.empty()) return;
        std::vector<std::string> ids;
        for (plan::Step& step : steps) {
            step.after = frontier_;
            ids.push_back(step.id);
            plan_.steps.push_back(std::move(step));
        }
        frontier_ = std::move(ids);
    }

    [[nodiscard]] plan::Execute execute(const Secret& password, std::string statement) const {
        plan::Execute execute;
        execute.database = facts_.database;
        execute.database.password = password;
        execute.statement = std::move(statement);
        return execute;
    }
    [[nodiscard]] plan::Execute set_password(const Secret& as, const std::string& verifier) const {
        return execute(as, "ALTER ROLE " + quote(facts_.database.user) + " PASSWORD '" + verifier + "'");
    }

    void add_findings() {
        for (const SecretKey& key : facts_.strangers) {
            plan_.findings.push_back(
                {plan::Finding::Severity::error, render(key),
                 "its key " + key.key + " holds the same password and would go on saying the old one", "",
                 "list it: databases." + options_.database + ".secrets: [" + key.space + "/" + key.name + "/" +
                     key.key + "]"});
        }
        if (!facts_.all_seen) {
            plan_.findings.push_back({plan::Finding::Severity::warning, "Secrets of other namespaces",
                                      "you may not look at them: whether one holds this password is not known", "",
                                      "allow list of secrets in the cluster to have it checked"});
        }
        if (facts_.staged) {
            plan_.findings.push_back({plan::Finding::Severity::note, render(staging_),
                                      "a rotation was cut off " + std::string(facts_.altered ? "after" : "before") +
                                          " the database got the new password",
                                      "", "it is finished now"});
        }
    }

    /// Its undo comes last: only when the database takes the old password again is the new one forgotten.
    void add_login() {
        plan::Step login;
        login.id = "login";
        login.what = "log in as " + facts_.database.user;
        login.action = execute(facts_.database.password, "SELECT 1");
        if (can_return()) {
            for (const Consumer& consumer : facts_.consumers) {
                login.undo.push_back({"return " + kube::render(consumer.ref) + " to the pods before",
                                      take_back_restart(facts_.cluster, consumer, facts_.mark)});
            }
            if (!facts_.consumers.empty()) {
                const plan::Step wait = plan_wait(target_, "ready", goals(), target_.timeout);
                login.undo.push_back({wait.what, wait.action});
            }
            login.undo.push_back({"log in with the old password", execute(facts_.old_password, "SELECT 1")});
            login.undo.push_back(
                {"forget the new password in " + render(staging_), remove_secret(facts_.cluster, staging_), {}, true});
        }
        add(std::move(login));
    }

    void add_stage() {
        plan::Step stage;
        stage.id = "stage";
        stage.what = "keep the new password in " + render(staging_) + " until it is everywhere";
        stage.action =
            create_secret(facts_.cluster, staging_, {{"new", facts_.new_password}, {"old", facts_.old_password}},
                          {{"flowletctl.io/rotation", facts_.mark}});
        add(std::move(stage));
    }

    void add_alter() {
        plan::Step alter;
        alter.id = "alter";
        alter.what = "give " + facts_.database.user + " the new password on " + place();
        alter.action = set_password(facts_.old_password, facts_.verifier);
        plan::Execute back = set_password(facts_.new_password, facts_.old_verifier);
        back.otherwise = facts_.old_password;
        alter.undo.push_back({"give " + facts_.database.user + " the old password back", back});
        plan_.changes.push_back({plan::Op::update,
                                 "role " + facts_.database.user + " on " + place(),
                                 {{"password", "***", "*** (new)"}},
                                 "secrets rotate"});
        add(std::move(alter));
    }

    void add_copies() {
        std::vector<plan::Step> steps;
        for (const Copy& copy : facts_.copies) {
            plan::Step step;
            step.id = "write/" + copy.key.space + "/" + copy.key.name + "/" + copy.key.key;
            step.what = "write " + copy.key.key + " of " + render(copy.key);
            // Two keys of one Secret change its version for each other.
            const bool alone = std::count_if(facts_.copies.begin(), facts_.copies.end(), [&](const Copy& other) {
                                   return other.key.space == copy.key.space && other.key.name == copy.key.name;
                               }) == 1;
            step.action =
                write_secret(facts_.cluster, copy.key, {{copy.key.key, copy.next}}, alone ? copy.resource_version : "");
            if (can_return()) {
                step.undo.push_back({"restore " + copy.key.key + " of " + render(copy.key),
                                     write_secret(facts_.cluster, copy.key, {{copy.key.key, copy.now}}, "")});
            }
            plan_.changes.push_back({plan::Op::update,
                                     render(copy.key),
                                     {{"data." + copy.key.key, "***", "*** (new)"}},
                                     "databases." + options_.database});
            steps.push_back(std::move(step));
        }
        add_all(std::move(steps));
    }

    [[nodiscard]] std::vector<kube::Goal> goals() const {
        std::vector<kube::Goal> goals;
        for (const Consumer& consumer : facts_.consumers)
            goals.push_back({consumer.ref, 0});
        return goals;
    }

    void add_restarts() {
        std::vector<plan::Step> steps;
        for (const Consumer& consumer : facts_.consumers) {
            if (find_mark(consumer) == facts_.mark) continue;
            plan::Step step;
            step.id = "restart/" + kube::render(consumer.ref);
            step.what = "restart " + kube::render(consumer.ref);
            step.action = restart(facts_.cluster, consumer, facts_.mark);
            plan_.changes.push_back({plan::Op::update,
                                     kube::render(consumer.ref),
                                     {{std::string("spec.template.metadata.annotations.") + restart_mark,
                                       find_mark(consumer), facts_.mark}},
                                     consumer.uses.front().how});
            steps.push_back(std::move(step));
        }
        add_all(std::move(steps));
        if (!facts_.consumers.empty()) add(plan_wait(target_, "ready", goals(), target_.timeout));
    }

    void add_proof() {
        plan::Step accepted;
        accepted.id = "prove/new";
        accepted.what = "log in with the new password";
        accepted.action = execute(facts_.new_password, "SELECT 1");
        plan::Step refused;
        refused.id = "prove/old";
        refused.what = "see the old password refused";
        plan::Execute attempt = execute(facts_.old_password, "SELECT 1");
        attempt.expect = plan::Execute::Expect::login_refused;
        refused.action = attempt;
        add_all({std::move(accepted), std::move(refused)});
        plan::Step forget;
        forget.id = "forget";
        forget.what = "remove " + render(staging_);
        forget.action = remove_secret(facts_.cluster, staging_);
        add(std::move(forget));
    }

    const RotateOptions& options_;
    const RotateFacts& facts_;
    Target target_;
    SecretKey staging_;
    plan::Plan plan_;
    std::vector<std::string> frontier_;
};

}  // namespace

plan::Plan plan_rotation(const Session& session, const RotateOptions& options, const RotateFacts& facts) {
    return Builder(session, options, facts).build();
}

}  // namespace flowlet::commands::secrets
