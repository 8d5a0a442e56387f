#include <isa-l/igzip_lib.h>

#include <algorithm>
#include <vector>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr std::size_t block_size = std::size_t{256} << 10U;
constexpr std::size_t longest_input = std::size_t{1} << 30U;  // ISA-L counts in 32 bits

[[noreturn]] void refuse(const std::string& message) {
    throw Error(Kind::verification, "gzip: " + message);
}

class Gunzip final : public Sink {
public:
    explicit Gunzip(Sink& next) : next_(next) {
        isal_inflate_init(&state_);
        empty_block();
    }

    void write(std::string_view bytes) override {
        while (!bytes.empty()) {
            const std::string_view piece = bytes.substr(0, longest_input);
            bytes.remove_prefix(piece.size());
            take(piece);
        }
    }

    void finish() override {
        if (part_ == Part::nothing) refuse("there are no bytes");
        if (part_ != Part::end) refuse("the bytes end too early");
        hand_out();
        next_.finish();
    }

private:
    /// Of a member: what was read last.
    enum class Part { nothing, header, body, end };

    void take(std::string_view bytes) {
        state_.next_in = reinterpret_cast<std::uint8_t*>(const_cast<char*>(bytes.data()));
        state_.avail_in = static_cast<std::uint32_t>(bytes.size());
        while (state_.avail_in > 0) {
            if (part_ == Part::body) {
                inflate_body();
            } else {
                if (part_ != Part::header) begin_member();
                read_header();
            }
        }
    }

    void begin_member() {
        isal_inflate_reset(&state_);
        header_ = {};
        part_ = Part::header;
    }

    // Not left to isal_inflate(): that forgets what it has read of a header that comes in two pieces.
    void read_header() {
        const int code = isal_read_gzip_header(&state_, &header_);
        if (code == ISAL_END_INPUT) return;
        if (code == ISAL_INVALID_WRAPPER || code == ISAL_UNSUPPORTED_METHOD) refuse("there are bytes that are no gzip");
        if (code != ISAL_DECOMP_OK) refuse("the bytes are damaged");
        state_.crc_flag = ISAL_GZIP_NO_HDR_VER;
        part_ = Part::body;
    }

    /// All that the input at hand gives, or up to the member's end.
    void inflate_body() {
        do {
            if (state_.avail_out == 0) hand_out();
            const std::uint32_t in = state_.avail_in;
            const std::uint32_t out = state_.avail_out;
            if (const int code = isal_inflate(&state_); code < 0) refuse("the bytes are damaged");
            if (state_.block_state == ISAL_BLOCK_FINISH) {
                part_ = Part::end;
                return;
            }
            if (state_.avail_in > 0 && state_.avail_in == in && state_.avail_out == out)
                refuse("the bytes are damaged");
        } while (state_.avail_in > 0 || state_.avail_out == 0);
    }

    void hand_out() {
        const std::size_t made = block_.size() - state_.avail_out;
        if (made > 0) next_.write({reinterpret_cast<const char*>(block_.data()), made});
        empty_block();
    }

    void empty_block() {
        state_.next_out = block_.data();
        state_.avail_out = static_cast<std::uint32_t>(block_.size());
    }

    Sink& next_;
    Part part_ = Part::nothing;
    inflate_state state_{};
    isal_gzip_header header_{};
    std::vector<std::uint8_t> block_ = std::vector<std::uint8_t>(block_size);
};

}  // namespace

std::unique_ptr<Sink> make_gunzip(Sink& next) {
    return std::make_unique<Gunzip>(next);
}

}  // namespace flowlet::stream
