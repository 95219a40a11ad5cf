#include "source_digests.h"

namespace migrate::load {

Status ApplyDigestChanges(store::Connection* db, uint32_t partition, const DigestChanges& changes) {
  if (changes.empty()) return {};
  MIGRATE_ASSIGN(auto select, db->Prepare("SELECT digest FROM source_digest WHERE source_id = ? AND `partition` = ?"));
  MIGRATE_ASSIGN(auto replace,
                 db->Prepare("REPLACE INTO source_digest (source_id, `partition`, digest) VALUES (?, ?, ?)"));
  for (const auto& [source, change] : changes) {
    MultisetDigest digest;
    select->Bind(1, source);
    select->Bind(2, partition);
    MIGRATE_ASSIGN(bool found, select->Step());
    if (found) {
      MIGRATE_ASSIGN(digest, MultisetDigest::FromText(select->Text(0)));
      select->Reset();
    }
    digest.Merge(change.first);
    digest.count -= change.second.count;
    digest.sum -= change.second.sum;
    for (size_t i = 0; i < digest.xor_hash.size(); ++i) digest.xor_hash[i] ^= change.second.xor_hash[i];
    std::string text = digest.Text();
    replace->Bind(1, source);
    replace->Bind(2, partition);
    replace->BindText(3, text);
    MIGRATE_TRY(replace->Run());
  }
  return {};
}

}  // namespace migrate::load
