#include "host/s3_call.h"

#include <curl/curl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <memory>

#include "flowlet/stream.h"
#include "host/http.h"
#include "host/stop.h"

namespace flowlet::host {
namespace {

using Clock = std::chrono::steady_clock;

constexpr long connect_timeout = 15000;
/// Slower than this for so long, and the line counts as broken.
constexpr long least_bytes_a_second = 512;
constexpr long slow_seconds = 30;
constexpr std::array<int, 4> pauses = {250, 500, 1000, 2000};

struct Closer {
    void operator()(CURL* exchange) const { curl_easy_cleanup(exchange); }
    void operator()(curl_slist* list) const { curl_slist_free_all(list); }
};

std::string lower(std::string text) {
    for (char& letter : text) {
        if (letter >= 'A' && letter <= 'Z') letter = static_cast<char>(letter - 'A' + 'a');
    }
    return text;
}

class Exchange {
public:
    Exchange(const Bucket& bucket, const S3Call& call, const Interrupt* interrupt)
        : call_(call), interrupt_(interrupt), curl_(curl_easy_init()) {
        if (!curl_) throw Error(Kind::failed, "cannot set up HTTP: out of memory");
        check_address(bucket.endpoint);
        set_target(bucket);
        set_manners();
        set_body();
    }

    S3Answer run() {
        const CURLcode code = curl_easy_perform(curl_.get());
        long status = 0;
        curl_easy_getinfo(curl_.get(), CURLINFO_RESPONSE_CODE, &status);
        check_stop(interrupt_, "talking to an object store");
        if (code == CURLE_OK) {
            answer_.status = static_cast<int>(status);
        } else {
            answer_.status = 0;
            answer_.body = printable(reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(code));
        }
        return std::move(answer_);
    }

private:
    template <typename Value>
    void set(CURLoption option, Value value) {
        if (const auto code = curl_easy_setopt(curl_.get(), option, value); code != CURLE_OK) {
            throw Error(Kind::failed, std::string("cannot set up HTTP: ") + curl_easy_strerror(code));
        }
    }

    void add_header(const std::string& line) {
        curl_slist* const longer = curl_slist_append(headers_.get(), line.c_str());
        if (longer == nullptr) throw Error(Kind::failed, "cannot set up HTTP: out of memory");
        static_cast<void>(headers_.release());
        headers_.reset(longer);
    }

    /// The address, and the headers with their signature.
    void set_target(const Bucket& bucket) {
        const std::string server = bucket.endpoint.substr(bucket.endpoint.find("//") + 2);
        stream::S3Request request;
        request.method = call_.method;
        request.path =
            "/" + stream::encode_path(bucket.name) + (call_.key.empty() ? "" : "/" + stream::encode_path(call_.key));
        request.query = call_.query;
        request.headers = call_.headers;
        request.headers["host"] = server;
        request.body_sha256 = call_.piece ? call_.sha256 : stream::sha256_hex(call_.body);
        request.time = now();
        const std::string query = stream::render_query(request.query);
        const std::string address = bucket.endpoint + request.path + (query.empty() ? "" : "?" + query);
        set(CURLOPT_URL, address.c_str());
        for (const auto& [name, value] : call_.headers)
            add_header(name + ": " + value);
        add_header("x-amz-date: " + stream::render_amazon_time(request.time));
        add_header("x-amz-content-sha256: " + request.body_sha256);
        add_header("Authorization: " + stream::sign_s3(request, bucket.region, bucket.key_id, bucket.secret));
    }

    void set_manners() {
        set(CURLOPT_PATH_AS_IS, 1L);
        set(CURLOPT_PROTOCOLS_STR, "http,https");
        set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
        set(CURLOPT_NOSIGNAL, 1L);
        set(CURLOPT_CONNECTTIMEOUT_MS, connect_timeout);
        set(CURLOPT_LOW_SPEED_LIMIT, least_bytes_a_second);
        set(CURLOPT_LOW_SPEED_TIME, slow_seconds);
        set(CURLOPT_ERRORBUFFER, reason_.data());
        set(CURLOPT_HEADERFUNCTION, &Exchange::take_header);
        set(CURLOPT_HEADERDATA, static_cast<void*>(this));
        set(CURLOPT_WRITEFUNCTION, &Exchange::take_body);
        set(CURLOPT_WRITEDATA, static_cast<void*>(this));
        set(CURLOPT_NOPROGRESS, 0L);
        set(CURLOPT_XFERINFOFUNCTION, &Exchange::look_up);
        set(CURLOPT_XFERINFODATA, static_cast<void*>(this));
    }

    void set_body() {
        const bool sends = call_.method == "PUT" || call_.method == "POST";
        if (call_.method == "HEAD") set(CURLOPT_NOBODY, 1L);
        if (call_.piece) {
            set(CURLOPT_UPLOAD, 1L);
            set(CURLOPT_READFUNCTION, &Exchange::give_body);
            set(CURLOPT_READDATA, static_cast<void*>(this));
            set(CURLOPT_SEEKFUNCTION, &Exchange::seek_body);
            set(CURLOPT_SEEKDATA, static_cast<void*>(this));
            set(CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(call_.piece->bytes));
        } else if (sends) {
            set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(call_.body.size()));
            set(CURLOPT_POSTFIELDS, call_.body.c_str());
        }
        if (sends) {
            add_header("Expect:");
            add_header("Content-Type:");
        }
        set(CURLOPT_CUSTOMREQUEST, call_.method.c_str());
        set(CURLOPT_HTTPHEADER, headers_.get());
    }

    static std::size_t take_header(char* bytes, std::size_t size, std::size_t count, void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        const std::string_view line(bytes, size * count);
        // Of an answer that only says "go on" nothing is wanted.
        if (line.starts_with("HTTP/")) exchange.answer_.headers.clear();
        const std::size_t colon = line.find(':');
        if (colon != std::string_view::npos) {
            exchange.answer_.headers[lower(std::string(line.substr(0, colon)))] =
                std::string(trim(line.substr(colon + 1)));
        }
        return size * count;
    }

    static std::size_t take_body(char* bytes, std::size_t size, std::size_t count, void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        const std::string_view text(bytes, size * count);
        long status = 0;
        curl_easy_getinfo(exchange.curl_.get(), CURLINFO_RESPONSE_CODE, &status);
        if (exchange.call_.take && status >= 200 && status < 300) return exchange.call_.take(text) ? text.size() : 0;
        if (exchange.answer_.body.size() + text.size() > exchange.call_.limit) return 0;
        exchange.answer_.body += text;
        return text.size();
    }

    static std::size_t give_body(char* bytes, std::size_t size, std::size_t count, void* self) {
        auto& exchange = *static_cast<Exchange*>(self);
        const Piece& piece = *exchange.call_.piece;
        const std::uint64_t left = piece.bytes - exchange.given_;
        const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(left, size * count));
        if (most == 0) return 0;
        const auto got = ::pread(piece.descriptor, bytes, most, static_cast<off_t>(piece.from + exchange.given_));
        if (got <= 0) return CURL_READFUNC_ABORT;
        exchange.given_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }

    static int seek_body(void* self, curl_off_t offset, int origin) {
        if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_CANTSEEK;
        static_cast<Exchange*>(self)->given_ = static_cast<std::uint64_t>(offset);
        return CURL_SEEKFUNC_OK;
    }

    static int look_up(void* self, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
        return stop_signal(static_cast<Exchange*>(self)->interrupt_) != 0 ? 1 : 0;
    }

    const S3Call& call_;
    const Interrupt* interrupt_;
    std::unique_ptr<CURL, Closer> curl_;
    std::unique_ptr<curl_slist, Closer> headers_;
    S3Answer answer_;
    std::uint64_t given_ = 0;
    std::array<char, CURL_ERROR_SIZE> reason_{};
};

}  // namespace

void check_address(const std::string& address) {
    const auto starts = [&](std::string_view with) { return address.starts_with(with); };
    const std::size_t slashes = address.find("//");
    const std::string server = slashes == std::string::npos ? "" : address.substr(slashes + 2);
    const bool plain = starts("http://");
    const bool clean = printable(address) == address && address.find_first_of(" @?#") == std::string::npos;
    if ((!plain && !starts("https://")) || server.empty() || !clean) {
        throw Error(Kind::config, printable(address) + " is no address of a server",
                    "write it as https://HOST or https://HOST:PORT");
    }
    const std::string name = server.substr(0, server.find_first_of(":/"));
    const bool digits = name.find_first_not_of("0123456789.") == std::string::npos;
    const bool here = name == "localhost" || (digits && name.starts_with("127.")) || server.starts_with("[::1]");
    if (plain && !here) {
        throw Error(Kind::config, address + " would be spoken to in plain text", "write https:// instead of http://");
    }
}

void pause_for(Millis duration, const Interrupt* interrupt) {
    const auto end = Clock::now() + duration;
    for (;;) {
        check_stop(interrupt, "waiting for an object store");
        const int rest = poll_timeout(end, Clock::now());
        if (rest == 0) return;
        pollfd watched = {stop_descriptor(interrupt), POLLIN, 0};
        ::poll(&watched, 1, rest);
    }
}

bool is_passing(const S3Answer& answer) {
    static constexpr std::array<int, 7> passing = {0, 408, 429, 500, 502, 503, 504};
    return std::find(passing.begin(), passing.end(), answer.status) != passing.end();
}

S3Answer call_once(const Bucket& bucket, const S3Call& call, const Interrupt* interrupt) {
    check_stop(interrupt, "talking to an object store");
    return Exchange(bucket, call, interrupt).run();
}

S3Answer call_store(const Bucket& bucket, const S3Call& call, const Interrupt* interrupt) {
    for (const int pause : pauses) {
        S3Answer answer = call_once(bucket, call, interrupt);
        if (!is_passing(answer)) return answer;
        pause_for(Millis{pause}, interrupt);
    }
    return call_once(bucket, call, interrupt);
}

}  // namespace flowlet::host
