#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <vector>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr std::size_t member_size = std::size_t{4} << 20U;
constexpr std::size_t block_size = std::size_t{256} << 10U;
constexpr std::uint32_t level = 2;

// A member is compressed in one go and not as its bytes come: ISA-L's result depends on how its input was cut.
class Gzip final : public Sink {
public:
    explicit Gzip(Sink& next) : next_(next) { held_.reserve(member_size); }

    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            if (held_.empty() && bytes.size() >= member_size) {
                pack(bytes.substr(0, member_size));
                bytes.remove_prefix(member_size);
                continue;
            }
            const std::size_t taken = std::min(member_size - held_.size(), bytes.size());
            held_ += bytes.substr(0, taken);
            bytes.remove_prefix(taken);
            if (held_.size() == member_size) pack_held();
        }
    }

    void finish() override {
        if (!held_.empty() || !packed_) pack_held();
        next_.finish();
    }

private:
    void pack_held() {
        pack(held_);
        held_.clear();
    }

    void pack(std::string_view plain) {
        packed_ = true;
        isal_deflate_init(&stream_);
        stream_.level = level;
        stream_.level_buf = work_.data();
        stream_.level_buf_size = static_cast<std::uint32_t>(work_.size());
        stream_.gzip_flag = IGZIP_GZIP;
        stream_.flush = NO_FLUSH;
        stream_.end_of_stream = 1;
        stream_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(plain.data()));
        stream_.avail_in = static_cast<std::uint32_t>(plain.size());
        do {
            stream_.next_out = block_.data();
            stream_.avail_out = static_cast<std::uint32_t>(block_.size());
            if (isal_deflate(&stream_) != COMP_OK) throw Error(Kind::bug, "ISA-L does not compress");
            next_.write({reinterpret_cast<const char*>(block_.data()), block_.size() - stream_.avail_out});
        } while (stream_.internal_state.state != ZSTATE_END);
    }

    Sink& next_;
    std::string held_;
    bool packed_ = false;
    isal_zstream stream_{};
    std::vector<std::uint8_t> work_ = std::vector<std::uint8_t>(ISAL_DEF_LVL2_DEFAULT);
    std::vector<std::uint8_t> block_ = std::vector<std::uint8_t>(block_size);
};

}  // namespace

std::unique_ptr<Sink> make_gzip(Sink& next) {
    return std::make_unique<Gzip>(next);
}

}  // namespace flowlet::stream
