#include <zlib.h>

#include <algorithm>
#include <array>
#include <limits>

#include "flowlet/base.h"
#include "flowlet/stream.h"

namespace flowlet::stream {
namespace {

constexpr int gzip_only = 16 + MAX_WBITS;

[[noreturn]] void refuse(const std::string& message) {
    throw Error(Kind::verification, "gzip: " + message);
}

class Inflater {
public:
    explicit Inflater(std::string_view bytes) : rest_(bytes) {
        if (inflateInit2(&stream_, gzip_only) != Z_OK) throw Error(Kind::bug, "zlib does not start");
    }
    Inflater(const Inflater&) = delete;
    Inflater& operator=(const Inflater&) = delete;
    ~Inflater() { inflateEnd(&stream_); }

    std::string all(std::size_t limit) {
        std::string out;
        do {
            member(limit, out);
            if (inflateReset(&stream_) != Z_OK) throw Error(Kind::bug, "zlib does not start again");
        } while (!rest_.empty());
        return out;
    }

private:
    void member(std::size_t limit, std::string& out) {
        int state = Z_OK;
        while (state != Z_STREAM_END) {
            const std::size_t given = std::min<std::size_t>(rest_.size(), std::numeric_limits<int>::max());
            stream_.next_in = reinterpret_cast<z_const Bytef*>(const_cast<char*>(rest_.data()));
            stream_.avail_in = static_cast<uInt>(given);
            stream_.next_out = buffer_.data();
            stream_.avail_out = static_cast<uInt>(buffer_.size());
            state = inflate(&stream_, Z_NO_FLUSH);
            const std::size_t made = buffer_.size() - stream_.avail_out;
            const std::size_t taken = given - stream_.avail_in;
            if (state == Z_MEM_ERROR) throw Error(Kind::bug, "zlib is out of memory");
            if (state == Z_DATA_ERROR || state == Z_NEED_DICT) refuse("the bytes are damaged");
            if (made > limit - out.size()) refuse("it would grow past " + std::to_string(limit) + " bytes");
            out.append(reinterpret_cast<const char*>(buffer_.data()), made);
            rest_.remove_prefix(taken);
            if (state != Z_STREAM_END && made == 0 && taken == 0) refuse("the bytes end too early");
        }
    }

    std::string_view rest_;
    z_stream stream_{};
    std::array<Bytef, 65536> buffer_{};
};

}  // namespace

std::string gunzip(std::string_view bytes, std::size_t limit) {
    if (bytes.empty()) refuse("there are no bytes");
    return Inflater(bytes).all(limit);
}

}  // namespace flowlet::stream
