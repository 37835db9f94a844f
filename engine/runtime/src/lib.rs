//! Many cores and time: replay, stream, workers, shards, ledger.
