#include "host/transfer.h"

#include "host/s3_call.h"
#include "host/stop.h"

#include <algorithm>
#include <new>

namespace flowlet::host {

namespace {

constexpr std::size_t largest_answer = std::size_t{256} << 20U;
constexpr long connections_kept = 16;
constexpr long receive_buffer = 65536;

bool is_visible(char letter) {
    return letter > ' ' && letter < '\x7f';
}
bool is_printable(char letter) {
    return letter >= ' ' && letter < '\x7f';
}
bool is_capital(char letter) {
    return letter >= 'A' && letter <= 'Z';
}

template <typename Fits>
bool all(std::string_view text, Fits fits) {
    return std::all_of(text.begin(), text.end(), fits);
}

}  // namespace

void check_request(const Request& request) {
    const bool fine = !request.method.empty() && all(request.method, is_capital) && request.path.starts_with('/') &&
                      all(request.path, is_visible) && request.path.find('#') == std::string::npos &&
                      all(request.content_type, is_printable) && all(request.accept, is_printable);
    if (!fine) throw Error(Kind::bug, "not a well-formed request: " + printable(request.method + ' ' + request.path));
}

bool only_reads(const Request& request) {
    if (request.method == "GET") return true;
    const auto query = request.path.find('?');
    if (query == std::string::npos) return false;
    const auto parts = split(std::string_view(request.path).substr(query + 1), '&');
    return std::find(parts.begin(), parts.end(), "dryRun=All") != parts.end();
}

Exchanges::Exchanges() : set_(curl_multi_init()) {
    if (!set_) throw Error(Kind::failed, "cannot set up HTTP: out of memory");
    curl_multi_setopt(set_.get(), CURLMOPT_MAXCONNECTS, connections_kept);
}

void Exchanges::advance() {
    int running = 0;
    if (const auto code = curl_multi_perform(set_.get(), &running); code != CURLM_OK) {
        throw Error(Kind::failed, std::string("cannot do HTTP: ") + curl_multi_strerror(code));
    }
}

void Exchanges::wait(const Interrupt* interrupt, int milliseconds) {
    curl_waitfd watched = {stop_descriptor(interrupt), CURL_WAIT_POLLIN, 0};
    const unsigned int count = watched.fd < 0 ? 0 : 1;
    if (const auto code = curl_multi_poll(set_.get(), &watched, count, milliseconds, nullptr); code != CURLM_OK) {
        throw Error(Kind::failed, std::string("cannot wait for HTTP: ") + curl_multi_strerror(code));
    }
}

Transfer::Transfer(Exchanges& exchanges, const Endpoint& endpoint, const Request& request,
                   std::optional<Millis> timeout)
    : exchanges_(exchanges), exchange_(curl_easy_init()), body_(request.body) {
    if (!exchange_) throw Error(Kind::failed, "cannot set up HTTP: out of memory");
    set_target(endpoint, request.path);
    set(CURLOPT_PATH_AS_IS, 1L);
    set(CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    set(CURLOPT_NOSIGNAL, 1L);
    set(CURLOPT_BUFFERSIZE, receive_buffer);
    set(CURLOPT_ERRORBUFFER, reason_.data());
    set(CURLOPT_PRIVATE, static_cast<void*>(this));
    set(CURLOPT_WRITEFUNCTION, &Transfer::receive);
    set(CURLOPT_WRITEDATA, static_cast<void*>(this));
    set(CURLOPT_CONNECTTIMEOUT_MS, 10000L);
    if (timeout) set(CURLOPT_TIMEOUT_MS, static_cast<long>(std::max(timeout->count(), Millis::rep{1})));
    // libcurl sends a request again when a kept connection turns out to be dead. A change may have been made by then.
    if (!only_reads(request)) set(CURLOPT_FRESH_CONNECT, 1L);
    set_method(request);
    if (!request.accept.empty()) add_header("Accept: " + request.accept);
    set(CURLOPT_HTTPHEADER, headers_.get());
    if (const auto code = curl_multi_add_handle(exchanges_.get(), exchange_.get()); code != CURLM_OK) {
        throw Error(Kind::failed, std::string("cannot do HTTP: ") + curl_multi_strerror(code));
    }
    attached_ = true;
}

Transfer::~Transfer() {
    if (attached_) curl_multi_remove_handle(exchanges_.get(), exchange_.get());
}

template <typename Value>
void Transfer::set(CURLoption option, Value value) {
    if (const auto code = curl_easy_setopt(exchange_.get(), option, value); code != CURLE_OK) {
        throw Error(Kind::failed, std::string("cannot set up HTTP: ") + curl_easy_strerror(code));
    }
}

/// Behind a proxy is the world, not this machine.
void Transfer::set_target(const Endpoint& endpoint, const std::string& path) {
    const bool here = !endpoint.socket.empty();
    if (!here) check_address(endpoint.address);
    const std::string address = (here ? "http://localhost" : endpoint.address) + path;
    set(CURLOPT_URL, address.c_str());
    set(CURLOPT_PROTOCOLS_STR, here ? "http" : "http,https");
    if (here) {
        set(CURLOPT_UNIX_SOCKET_PATH, socket_.emplace(endpoint.socket).name().c_str());
        set(CURLOPT_PROXY, "");
    }
}

void Transfer::set_method(const Request& request) {
    if (request.method == "HEAD") set(CURLOPT_NOBODY, 1L);
    const bool always_has_body = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
    if (!body_.empty() || always_has_body) {
        set(CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(body_.size()));
        set(CURLOPT_POSTFIELDS, body_.c_str());
        add_header("Expect:");
        add_header("Content-Type:" + (request.content_type.empty() ? "" : ' ' + request.content_type));
    }
    set(CURLOPT_CUSTOMREQUEST, request.method.c_str());
}

void Transfer::add_header(const std::string& line) {
    curl_slist* longer = curl_slist_append(headers_.get(), line.c_str());
    if (longer == nullptr) throw Error(Kind::failed, "cannot set up HTTP: out of memory");
    static_cast<void>(headers_.release());
    headers_.reset(longer);
}

std::size_t Transfer::receive(char* bytes, std::size_t size, std::size_t count, void* transfer) {
    auto& received = static_cast<Transfer*>(transfer)->received_;
    if (received.size() + size * count > largest_answer) return 0;
    try {
        received.append(bytes, size * count);
    } catch (const std::bad_alloc&) {
        return 0;
    }
    return size * count;
}

Transfer* Transfer::next_ended(Exchanges& exchanges) {
    int left = 0;
    while (const CURLMsg* message = curl_multi_info_read(exchanges.get(), &left)) {
        if (message->msg != CURLMSG_DONE) continue;
        char* owner = nullptr;
        curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE, &owner);
        auto* transfer = static_cast<Transfer*>(static_cast<void*>(owner));
        transfer->result_ = message->data.result;
        return transfer;
    }
    return nullptr;
}

int Transfer::status() const {
    long status = 0;
    curl_easy_getinfo(exchange_.get(), CURLINFO_RESPONSE_CODE, &status);
    return static_cast<int>(status);
}

Response Transfer::response() {
    if (complete()) return {status(), std::move(received_)};
    if (result_ == CURLE_WRITE_ERROR) return {0, "the answer is too large"};
    const char* reason = reason_[0] != '\0' ? reason_.data() : curl_easy_strerror(result_);
    return {0, printable(reason)};
}

}  // namespace flowlet::host
