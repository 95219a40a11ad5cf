// source_digest kept up by writers of `record`.
#pragma once

#include <map>
#include <utility>

#include "migrate/base/hash.h"
#include "migrate/store/connection.h"

namespace migrate::load {

// By source_id: row_sha256 of rows that came, and of rows that went.
using DigestChanges = std::map<uint32_t, std::pair<MultisetDigest, MultisetDigest>>;

// Applies them to one partition's digests, within the caller's transaction.
Status ApplyDigestChanges(store::Connection* db, uint32_t partition, const DigestChanges& changes);

}  // namespace migrate::load
