#include "run/files.h"

#include <functional>

namespace flowlet::run {
namespace {

constexpr int created = 201;
constexpr int conflict = 409;

Result fail(const std::string& path, const Error& error) {
    Result result;
    result.status = error.kind() == Kind::conflict ? conflict : 0;
    result.kind = error.kind();
    result.cause = plan::Cause{};
    result.cause->object = printable(path);
    result.cause->reason = error.kind() == Kind::conflict ? "Conflict" : "Failed";
    result.cause->message = printable(error.what());
    result.cause->next = error.hint();
    return result;
}

/// 201 where something new is there now, 409 where something was.
Result create(const std::string& path, const std::function<void()>& what) {
    try {
        what();
    } catch (const Error& error) {
        return fail(path, error);
    }
    Result result;
    result.status = created;
    return result;
}

}  // namespace

Result Files::act(const plan::Write& write) {
    return create(write.path, [&] { host_.create_file(write.path, write.content, write.mode); });
}

Result Files::act(const plan::Compose& compose) {
    constexpr std::uint32_t owner_only = 0600;
    return create(compose.path, [&] { host_.create_file(compose.path, compose.text(), owner_only); });
}

Result Files::act(const plan::Erase& erase) {
    Result result;
    const bool there = host_.file_info(erase.path).type == host::FileType::regular;
    if (there && host_.read_file(erase.path) == erase.content) {
        host_.remove_file(erase.path);
    } else {
        result.note = there ? "kept, because somebody has changed it" : "not there";
    }
    return result;
}

Result Files::act(const plan::Amend& amend) {
    return create(amend.path, [&] {
        if (host_.read_file(amend.path) != amend.before) {
            throw Error(Kind::conflict, amend.path + " has been changed meanwhile", "run it again");
        }
        host_.write_file(amend.path, amend.after, host_.file_info(amend.path).mode);
    });
}

Result Files::act(const plan::Claim& claim) {
    constexpr std::uint32_t owner_only = 0700;
    return create(claim.lock, [&] {
        for (const std::string& folder : {claim.folder, claim.lock.substr(0, claim.lock.rfind('/'))}) {
            if (host_.file_info(folder).type == host::FileType::none) host_.make_folder(folder, owner_only);
        }
        std::unique_ptr<host::FileLock> lock = host_.lock_file(claim.lock);
        if (lock == nullptr) {
            throw Error(Kind::conflict, "somebody else holds " + claim.lock, "wait until that run has ended");
        }
        std::vector<std::string> names = host_.list_folder(claim.folder);
        std::erase(names, claim.lock.substr(claim.lock.rfind('/') + 1));
        if (names != claim.names) {
            throw Error(Kind::conflict, "another run was in " + claim.folder + " meanwhile", "run it again");
        }
        const std::lock_guard guard(mutex_);
        held_[claim.lock] = std::move(lock);
    });
}

Result Files::act(const plan::Release& release) {
    const std::lock_guard guard(mutex_);
    held_.erase(release.lock);
    return {};
}

Result Files::act(const plan::MakeFolder& folder) {
    constexpr std::uint32_t owner_only = 0700;
    return create(folder.path, [&] {
        if (host_.file_info(folder.path).type != host::FileType::none) {
            throw Error(Kind::conflict, "cannot create " + folder.path + ": it is there already");
        }
        host_.make_folder(folder.path, owner_only);
    });
}

Result Files::act(const plan::Clear& clear) {
    return create(clear.path, [&] { host_.remove_folder(clear.path); });
}

Result Files::act(const plan::Publish& publish) {
    return create(publish.to, [&] { host_.move_folder(publish.from, publish.to); });
}

}  // namespace flowlet::run
