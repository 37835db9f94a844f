//! A CloudTrail record: structural scan, fields, text, derived values, time.
