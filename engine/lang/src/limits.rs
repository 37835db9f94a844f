//! The walls of the front end: one named constant each.
//!
//! Whoever checks a limit links here, and so does the message that tells of it.

/// The most bytes of a rule file.
pub const FILE_BYTES: usize = 16 << 20;

/// The deepest nesting of parentheses, lists, calls, types and JSON values.
pub const NESTING: usize = 64;

/// The most operators of one expression: `and`, `or`, `.` and arithmetic.
///
/// Each makes its tree one level higher, so that with [`NESTING`] it bounds the
/// stack of whatever walks the tree.
pub const OPERATORS: usize = 500;

/// The most diagnostics of one file that are shown unless all are asked for.
pub const SHOWN: usize = 20;

/// The width of a line that the printer tries to keep.
pub const LINE_WIDTH: usize = 100;

/// The most rules of a run.
pub const RULES: usize = 10_000;

/// The most elements of a list.
pub const ELEMENTS: usize = 1_000_000;

/// The longest window, in seconds: 31 days.
pub const WINDOW: i64 = 31 * 86_400;

/// The longest `suppress`, `warmup`, `memory` and time in a test, in seconds: ten years.
pub const MEMORY: i64 = 3_650 * 86_400;

/// The most memory that one compiled regular expression may take, in bytes.
pub const REGEX_BYTES: usize = 1 << 20;

/// The most events that one step of a test may make.
pub const TEST_EVENTS: u64 = 1_000_000;

/// The most steps of a sequence: a set of steps is a few bits.
pub const STEPS: usize = 16;

/// The most events that a step of a sequence may ask for.
pub const STEP_EVENTS: u64 = 1_000_000;

/// The most buckets of a baseline: 90 days in minutes, and some more.
pub const BUCKETS: i64 = 150_000;
