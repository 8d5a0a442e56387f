#include "flowlet/run.h"

namespace flowlet::run {
namespace {

class Rehearsal final : public Performer {
public:
    explicit Rehearsal(const host::Probe& probe) : probe_(probe) {}
    Result perform(const plan::Action& action, const Waiting& waiting) override {
        (void)action;
        (void)waiting;
        return {};
    }
    void undoing(bool begin) override { (void)begin; }
    [[nodiscard]] Time now() const override { return probe_.now(); }
    [[nodiscard]] int stop_signal() const override { return 0; }

private:
    const host::Probe& probe_;
};

}  // namespace

std::unique_ptr<Performer> make_rehearsal(const host::Probe& probe) {
    return std::make_unique<Rehearsal>(probe);
}

}  // namespace flowlet::run
