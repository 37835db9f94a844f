//! What the derived names mean: what CloudTrail spreads over many fields, said once.
//!
//! Each name is a function of one event. The tables they use stand beside them.

use crate::event::Event;
use crate::field::Derived;
use crate::layout::Base;
use crate::value::Value;

/// The base paths that a derived name reads.
#[must_use]
pub fn inputs(name: Derived) -> &'static [Base] {
    match name {
        Derived::Time => &[Base::EventTime, Base::Timestamp],
        _ => &[],
    }
}

/// The value of a derived name in an event.
pub(crate) fn value<'a>(event: &Event<'a>, name: Derived) -> Value<'a> {
    match name {
        Derived::Time => event.time().map_or(Value::Missing, Value::Time),
        _ => Value::Missing,
    }
}
