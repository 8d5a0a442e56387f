#include "host/keeper.h"

#include "host/callers.h"
#include "host/files.h"
#include "host/idle.h"
#include "host/kept.h"
#include "host/looks.h"
#include "host/processes.h"
#include "host/stop.h"

#include <fcntl.h>
#include <sys/epoll.h>
#include <sys/file.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/syscall.h>
#include <sys/wait.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <set>

#include "host/http.h"

namespace flowlet::host {

namespace {

/// What a descriptor in the set stands for: this in the upper half of its word, a number in the lower.
enum class Source : std::uint32_t { leader, output, member, child, look, interrupt, listener, caller };

constexpr int settling_time = 2000;  // milliseconds

std::uint64_t tag(Source source, int number = 0) {
    constexpr unsigned half = 32;
    return (static_cast<std::uint64_t>(source) << half) | static_cast<std::uint32_t>(number);
}

/// The folder, for this process alone.
Descriptor claim(const std::string& folder) {
    constexpr std::uint32_t owner_only = 0700;
    make_folders(folder, owner_only);
    Descriptor held(::open(folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
    if (!held.open()) throw Error(Kind::failed, "cannot open " + folder + ": " + system_text(errno));
    if (::flock(held.get(), LOCK_EX | LOCK_NB) != 0) {
        throw Error(Kind::conflict, "another supervisor keeps the services of " + folder,
                    "flowletctl status shows it, flowletctl stop ends it");
    }
    return held;
}

Descriptor watch_children() {
    sigset_t wanted;
    sigemptyset(&wanted);
    sigaddset(&wanted, SIGCHLD);
    return Descriptor(::signalfd(-1, &wanted, SFD_CLOEXEC | SFD_NONBLOCK));
}

/// As long as it lives, whoever loses its parent among our descendants becomes our child.
class Subreaper {
public:
    Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0); }
    Subreaper(const Subreaper&) = delete;
    Subreaper& operator=(const Subreaper&) = delete;
    ~Subreaper() { ::prctl(PR_SET_CHILD_SUBREAPER, 0, 0, 0, 0); }
};

class Loop final : public Keeper {
public:
    Loop(const std::string& folder, Household& household, Interrupt* interrupt)
        : folder_(folder),
          household_(household),
          interrupt_(interrupt),
          lock_(claim(folder)),
          epoll_(::epoll_create1(EPOLL_CLOEXEC)),
          children_(watch_children()),
          callers_(folder + "/control", epoll_.get(), tag(Source::caller)) {
        watch(children_.get(), tag(Source::child));
        watch(looks_.descriptor(), tag(Source::look));
        watch(callers_.listener(), tag(Source::listener));
        if (interrupt_ != nullptr) watch(interrupt_->descriptor(), tag(Source::interrupt));
    }
    Loop(const Loop&) = delete;
    Loop& operator=(const Loop&) = delete;
    ~Loop() override {
        for (auto& [number, kept] : kept_)
            kept->signal(SIGKILL, all_processes());
        for (const ProcessInfo& stray : strays())
            signal_process(stray.id, SIGKILL);
        if (interrupt_ != nullptr) interrupt_->shield(false);
    }

    void run() {
        household_.begin(*this, now());
        while (const std::optional<Time> wake = household_.next(now())) {
            const bool for_long = *wake == Time::max();
            const bool settles = for_long && settled_ != last_number_;
            const int wait = settles ? settling_time : for_long ? -1 : poll_timeout(*wake, now());
            std::array<epoll_event, 64> events = {};
            const int count = ::epoll_wait(epoll_.get(), events.data(), static_cast<int>(events.size()), wait);
            if (count == 0 && settles) settle();
            for (int i = 0; i < count; ++i)
                attend(events.at(static_cast<std::size_t>(i)));
        }
    }

    // ---- Keeper ----
    int start(const Launch& launch) override {
        const int number = ++last_number_;
        auto kept = std::make_unique<Kept>(launch, number);
        watch(kept->leader_ended(), tag(Source::leader, number));
        watch(kept->output().reader(), tag(Source::output, number));
        kept_.emplace(number, std::move(kept));
        return number;
    }
    [[nodiscard]] Process leader(int number) const override { return kept_.at(number)->leader(); }
    void signal(int number, int signal) override {
        if (const auto found = kept_.find(number); found != kept_.end()) found->second->signal(signal, all_processes());
    }
    std::vector<ProcessInfo> members(int number) override {
        const auto found = kept_.find(number);
        return found == kept_.end() ? std::vector<ProcessInfo>{} : found->second->members(all_processes());
    }
    std::vector<ProcessInfo> strays() override {
        const std::vector<ProcessInfo> all = all_processes();
        std::set<int> ours = {::getpid()};
        std::vector<ProcessInfo> found;
        // A child may have a smaller number than its parent, so once is not enough.
        for (bool more = true; more;) {
            more = false;
            for (const ProcessInfo& process : all) {
                if (!ours.contains(process.parent) || !ours.insert(process.id.pid).second) continue;
                more = true;
                const bool known = std::any_of(kept_.begin(), kept_.end(), [&](const auto& entry) {
                    return !entry.second->members(std::span(&process, 1)).empty();
                });
                if (!known) found.push_back(process);
            }
        }
        return found;
    }
    void signal(const Process& process, int signal) override { signal_process(process, signal); }
    void look(int number, std::function<std::string()> look) override { looks_.begin(number, std::move(look)); }
    void answer(int caller, int status, std::string_view text, More more) override {
        callers_.answer(caller, status, text, more);
    }
    void note(const std::string& name, std::string_view text) override {
        const std::string path = folder_ + "/" + name;
        const std::string temporary = path + ".new";
        constexpr mode_t owner_only = 0600;
        const Descriptor file(
            ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, owner_only));
        const auto written = file.open() ? ::write(file.get(), text.data(), text.size()) : -1;
        if (written != static_cast<ssize_t>(text.size()) || ::rename(temporary.c_str(), path.c_str()) != 0) {
            throw Error(Kind::failed, "cannot write " + path + ": " + system_text(errno));
        }
    }

private:
    /// Once after each start, when nothing has happened for a moment: it may be long until something does.
    void settle() {
        release_memory();
        settled_ = last_number_;
    }

    void watch(int descriptor, std::uint64_t word) const {
        epoll_event event = {};
        event.events = EPOLLIN;
        event.data.u64 = word;
        if (::epoll_ctl(epoll_.get(), EPOLL_CTL_ADD, descriptor, &event) != 0) {
            throw Error(Kind::failed, "cannot watch a service: " + system_text(errno));
        }
    }

    void attend(const epoll_event& event) {
        constexpr unsigned half = 32;
        const int number = static_cast<int>(event.data.u64 & 0xffffffffU);
        switch (static_cast<Source>(event.data.u64 >> half)) {
            case Source::leader:
                return leader_ended(number);
            case Source::output:
                return said(number);
            case Source::member:
                return member_ended(number);
            case Source::child:
                return take_off_adopted();
            case Source::look:
                for (const auto& [looked, why] : looks_.take())
                    household_.on_looked(looked, why, now());
                return;
            case Source::interrupt:
                return interrupted();
            case Source::listener:
                return callers_.accept();
            case Source::caller:
                return called(number, event.events);
        }
    }

    void said(int number) {
        constexpr int most_reads = 16;
        const auto found = kept_.find(number);
        if (found != kept_.end()) found->second->output().read(most_reads, teller(number));
    }

    LineCutter::Told teller(int number) {
        return [this, number](std::string_view lines) { household_.on_said(number, lines, now()); };
    }

    void leader_ended(int number) {
        const auto found = kept_.find(number);
        if (found == kept_.end() || found->second->ended()) return;
        // What it wrote is there already; whoever else holds its terminal is not waited for.
        constexpr int most_reads = 4096;
        Kept& kept = *found->second;
        kept.output().read(most_reads, teller(number));
        const Ending ending = kept.take_end();
        household_.on_ended(number, ending, now());
        look_for_members(number);
    }

    void member_ended(int number) { look_for_members(number); }

    /// Twice, for one that is born while the list is read is not on it, and its parent may be gone after that.
    void look_for_members(int number) {
        const auto found = kept_.find(number);
        if (found == kept_.end() || !found->second->ended()) return;
        Kept& kept = *found->second;
        std::vector<ProcessInfo> members = kept.members(all_processes());
        if (members.empty()) members = kept.members(all_processes());
        if (members.empty()) return emptied(number);
        std::erase_if(kept.awaited, [&](const auto& entry) {
            return std::none_of(members.begin(), members.end(),
                                [&](const ProcessInfo& member) { return member.id.pid == entry.first; });
        });
        bool missed = false;
        for (const ProcessInfo& member : members) {
            if (kept.killed()) signal_process(member.id, SIGKILL);
            if (!kept.awaited.contains(member.id.pid)) missed = !await_member(number, kept, member.id.pid) || missed;
        }
        if (missed) look_for_members(number);
    }

    bool await_member(int number, Kept& kept, int pid) {
        Descriptor ended(static_cast<int>(::syscall(SYS_pidfd_open, pid, 0)));
        if (!ended.open()) return false;
        watch(ended.get(), tag(Source::member, number));
        kept.awaited.emplace(pid, std::move(ended));
        return true;
    }

    void emptied(int number) {
        const auto found = kept_.find(number);
        constexpr int most_reads = 4096;
        found->second->output().read(most_reads, teller(number));
        found->second->output().finish(teller(number));
        kept_.erase(found);
        household_.on_emptied(number, now());
    }

    /// Whoever came to us as an orphan and has ended. Our own starts are taken off where their end is told; children of
    /// other threads belong to those.
    void take_off_adopted() {
        signalfd_siginfo came = {};
        while (::read(children_.get(), &came, sizeof came) == sizeof came) {
        }
        for (const int pid : children_of_first_thread()) {
            const bool own = std::any_of(kept_.begin(), kept_.end(), [&](const auto& entry) {
                return entry.second->leader().pid == pid && !entry.second->ended();
            });
            if (!own) ::waitpid(pid, nullptr, WNOHANG);
        }
    }

    void interrupted() {
        const int signal = interrupt_->raised();
        if (signal == 0) return;
        interrupt_->shield(true);  // the next one passes it
        household_.on_signal(signal, now());
    }

    void called(int number, std::uint32_t events) {
        const Callers::News news = callers_.attend(number, events);
        if (news.call) household_.on_call(*news.call, now());
        if (news.left) household_.on_left(number);
    }

    std::string folder_;
    Household& household_;
    Interrupt* interrupt_;
    Descriptor lock_;
    Descriptor epoll_;
    Descriptor children_;
    Subreaper subreaper_;
    Looks looks_;
    Callers callers_;
    std::map<int, std::unique_ptr<Kept>> kept_;
    int last_number_ = 0;
    int settled_ = 0;  ///< the number of the last start by then
};

}  // namespace

void keep_household(const std::string& folder, Household& household, Interrupt* interrupt) {
    Loop(folder, household, interrupt).run();
}

}  // namespace flowlet::host
