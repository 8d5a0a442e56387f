#include <algorithm>
#include <iterator>
#include <thread>

#include "alarm/book.h"
#include "alarm/channels.h"
#include "alarm/event.h"
#include "flowlet/alarm.h"

namespace flowlet::alarm {
namespace {

constexpr std::chrono::seconds for_owed{10};
constexpr std::chrono::seconds for_news{20};
constexpr std::chrono::days given_up_after{7};
constexpr int refusals_borne = 3;

std::string describe(const nlohmann::json& document) {
    return document.value("command", "") + " " + document.value("event", "") + " at " + document.value("at", "");
}

class Delivery final : public Alarms {
public:
    Delivery(const Options& options, std::vector<Channel> channels)
        : options_(options), host_(options.host), channels_(std::move(channels)) {
        const std::string& environment = options.config.environment();
        if (!options.folder.empty()) {
            book_.emplace(host_, options.folder, options.config.text("project"),
                          environment.empty() ? "default" : environment);
        }
    }

    void deliver_owed() override {
        for (const Channel& channel : channels_) {
            if (!channel.trouble.empty()) say("no alarm can be sent by " + channel.name + ": " + channel.trouble);
        }
        guarded([&] {
            const Page page = book_ ? book_->read() : Page{};
            if (!page.broken.empty()) say(page.broken + " cannot be read; what was owed in it is lost");
            if (!page.owed.empty()) deliver_kept(host_.now() + for_owed);
        });
    }

    void tell(const Ending& ending) override {
        const Time end = host_.now() + for_news;
        std::optional<Owed> unkept;
        try {
            if (!book_) throw Error(Kind::failed, "there is no folder to keep it in: HOME is not set");
            note(ending);
        } catch (const Error& error) {
            unkept = make_unkept(ending);
            if (unkept) say("it cannot be kept to be tried again: " + std::string(error.what()));
        }
        guarded([&] {
            if (unkept) deliver({{*unkept}, end, "it is lost", [](const Owed&, const std::string&) {}});
            if (book_ && !book_->read().owed.empty()) deliver_kept(end);
        });
    }

private:
    void say(const std::string& text) const {
        if (options_.say) options_.say("alarm: " + text);
    }

    template <typename What>
    void guarded(What what) const {
        try {
            what();
        } catch (const Error& error) {
            say(error.what());
        }
    }

    [[nodiscard]] Owed owe(const Ending& ending, const News& news) const {
        Owed owed{to_document(options_, ending, news), {}};
        for (const Channel& channel : channels_)
            owed.to.push_back(channel.name);
        return owed;
    }

    void note(const Ending& ending) {
        const Page before = book_->read();
        if (ending.kind == Kind::ok && !before.troubles.contains(options_.command)) return;
        book_->change([&](Page& page) {
            const auto news = note_ending(page.troubles, options_.command, ending, host_.now());
            if (news) page.owed.push_back(owe(ending, *news));
        });
    }

    /// What is to be told when nothing is known of earlier endings, or can be kept of this one.
    [[nodiscard]] std::optional<Owed> make_unkept(const Ending& ending) const {
        Troubles none;
        const auto news = note_ending(none, options_.command, ending, host_.now());
        return news ? std::optional(owe(ending, *news)) : std::nullopt;
    }

    void deliver_kept(Time end) {
        const auto alone = book_->begin_delivery(end);
        if (alone == nullptr) return say("another run delivers; what is left is tried by the next run");
        drop_old();
        deliver({book_->read().owed, end, "the next run tries again",
                 [&](const Owed& owed, const std::string& channel) { strike(owed, channel); }});
    }

    /// Gives up what is too old to be news, and channels that are not set any more.
    void drop_old() {
        std::vector<std::string> dropped;
        book_->change([&](Page& page) {
            for (Owed& owed : page.owed) {
                const bool old = host_.now() - owed.at() > given_up_after;
                std::vector<std::string> gone;
                std::copy_if(owed.to.begin(), owed.to.end(), std::back_inserter(gone),
                             [&](const std::string& to) { return old || !is_set(to); });
                if (gone.empty()) continue;
                dropped.push_back("gave up telling " + join(gone, ", ") + " of: " + describe(owed.document) + "; " +
                                  (old ? "that was more than seven days ago" : "it is not set any more"));
                std::erase_if(owed.to, [&](const std::string& to) { return old || !is_set(to); });
            }
            std::erase_if(page.owed, [](const Owed& owed) { return owed.to.empty(); });
        });
        for (const std::string& line : dropped)
            say(line);
    }

    [[nodiscard]] bool is_set(const std::string& name) const {
        return std::any_of(channels_.begin(), channels_.end(),
                           [&](const Channel& channel) { return channel.name == name; });
    }

    void strike(const Owed& taken, const std::string& channel) {
        book_->change([&](Page& page) {
            for (Owed& owed : page.owed) {
                if (owed.id() == taken.id()) std::erase(owed.to, channel);
            }
            std::erase_if(page.owed, [](const Owed& owed) { return owed.to.empty(); });
        });
    }

    /// What is to be delivered, and what becomes of it.
    struct Round {
        std::vector<Owed> owed;  ///< oldest first
        Time end{};
        std::string promise;  ///< what is said of those that are not taken
        std::function<void(const Owed& owed, const std::string& channel)> strike;
    };

    /// All channels at once, so that one that hangs keeps no other waiting.
    void deliver(const Round& round) {
        std::vector<std::string> lines(channels_.size());
        std::vector<std::jthread> threads;
        for (std::size_t i = 0; i < channels_.size(); ++i) {
            if (!channels_[i].trouble.empty()) continue;
            threads.emplace_back([&, i] {
                try {
                    lines[i] = deliver(channels_[i], round);
                } catch (const Error& error) {
                    lines[i] = "the " + channels_[i].name + ": " + error.what();
                }
            });
        }
        threads.clear();
        for (const std::string& line : lines) {
            if (!line.empty()) say(line);
        }
    }

    /// What is to be said of it, in one line.
    static std::string deliver(const Channel& channel, const Round& round) {
        std::size_t took = 0;
        std::size_t left = 0;
        int refusals = 0;
        std::string why;
        for (const Owed& one : round.owed) {
            if (std::find(one.to.begin(), one.to.end(), channel.name) == one.to.end()) continue;
            const bool tried = refusals < refusals_borne;
            const Taken taken = tried ? channel.hand_over(one.document, round.end) : Taken{Taken::Answer::no, ""};
            if (taken.answer == Taken::Answer::yes) {
                round.strike(one, channel.name);
                ++took;
                continue;
            }
            ++left;
            if (why.empty()) why = taken.why;
            refusals += taken.answer == Taken::Answer::none ? refusals_borne : 1;
        }
        const auto count = [](std::size_t number) { return std::to_string(number) + " alarms"; };
        if (left > 0) {
            return "the " + channel.name + " did not take " + (left == 1 ? "it" : count(left)) + ": " + why + "; " +
                   round.promise;
        }
        return took == 0 ? "" : "told by " + channel.name + (took == 1 ? "" : ": " + count(took));
    }

    Options options_;
    host::Host& host_;
    std::vector<Channel> channels_;
    std::optional<Book> book_;
};

}  // namespace

std::unique_ptr<Alarms> make_alarms(const Options& options) {
    std::vector<Channel> channels = find_channels(options);
    if (channels.empty()) return nullptr;
    return std::make_unique<Delivery>(options, std::move(channels));
}

}  // namespace flowlet::alarm
