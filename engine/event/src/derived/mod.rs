//! What the derived names mean: what CloudTrail spreads over many fields, said once.
//!
//! Each name is a function of one event; the tables they use stand beside them. In
//! the order of the questions: `service` which call, `who` by whom, `origin`
//! from where, `outcome` how it ended, `verb` and `category` of what kind it
//! is, `target` to what, and `security_group`, `sharing` and `policy` what
//! it opens. They know nothing of rules, and never look at a clock or at another
//! event.
//!
//! # Invariants
//!
//! - Any record has a value for every name: nothing here fails or panics.
//! - A name reads no base path but those that [`inputs`] gives for it.
//! - A Bool is never missing.
//! - Text that stands in the record as it is wanted is borrowed from it.

mod arn;
mod category;
mod origin;
mod outcome;
mod policy;
mod policy_text;
mod security_group;
mod service;
mod sharing;
mod target;
mod target_paths;
mod verb;
mod who;

pub use policy::{grants, policy};
pub use policy_text::json_in_text;
pub use service::is_global_service;

pub(crate) use outcome::says_failure;

use crate::event::Event;
use crate::field::Derived;
use crate::layout::Base;
use crate::value::Value;

/// The base paths that a derived name reads.
#[must_use]
pub fn inputs(name: Derived) -> &'static [Base] {
    match name {
        Derived::Time => &[Base::EventTime, Base::Timestamp],
        Derived::Service => &[Base::EventSource],
        Derived::Api => &[Base::EventName],
        Derived::Region => &[Base::AwsRegion],
        Derived::Account => &[Base::RecipientAccountId, Base::IdentityAccountId],
        Derived::Principal | Derived::ActorId => who::PRINCIPAL_INPUTS,
        Derived::Session => &[Base::IdentityArn, Base::IdentityPrincipalId, Base::IdentityType],
        Derived::ActorType => &[Base::IdentityType],
        Derived::ActorAccount => &[Base::IdentityAccountId, Base::IdentityArn],
        Derived::CrossAccount => {
            &[Base::RecipientAccountId, Base::IdentityAccountId, Base::IdentityArn]
        }
        Derived::User => who::USER_INPUTS,
        Derived::Key => &[Base::IdentityAccessKeyId],
        Derived::Ua => &[Base::UserAgent],
        Derived::Ok => outcome::OK_INPUTS,
        Derived::Denied => &[Base::ErrorCode, Base::ErrorMessage],
        Derived::Write => &[Base::ReadOnly, Base::EventName, Base::EventSource],
        Derived::ByService | Derived::ViaService => origin::SERVICE_INPUTS,
        Derived::GlobalService => service::GLOBAL_INPUTS,
        Derived::Management | Derived::Data => category::INPUTS,
        Derived::Ip => &[Base::SourceIpAddress],
        Derived::Console => origin::CONSOLE_INPUTS,
        Derived::Mfa => &[Base::MfaAuthenticated, Base::MfaUsed],
        Derived::Targets | Derived::Target => target::INPUTS,
        Derived::SgRules => security_group::INPUTS,
        Derived::SharedWith => sharing::INPUTS,
    }
}

/// The value of a derived name in an event.
pub(crate) fn value<'a>(event: &Event<'a>, name: Derived) -> Value<'a> {
    match name {
        Derived::Time => event.time().map_or(Value::Missing, Value::Time),
        Derived::Service => service::service(event).into(),
        Derived::Api => service::api(event).into(),
        Derived::Region => given(event, Base::AwsRegion).into(),
        Derived::Account => who::account(event).into(),
        Derived::Principal => who::principal(event).into(),
        Derived::Session => who::session(event).into(),
        Derived::ActorId => who::actor_id(event).into(),
        Derived::ActorType => event.text(Base::IdentityType).into(),
        Derived::ActorAccount => who::actor_account(event).into(),
        Derived::CrossAccount => Value::Bool(who::cross_account(event)),
        Derived::User => who::user(event).into(),
        Derived::Key => given(event, Base::IdentityAccessKeyId).into(),
        Derived::Ua => origin::user_agent(event).into(),
        Derived::Ok => Value::Bool(outcome::ok(event)),
        Derived::Denied => Value::Bool(outcome::denied(event)),
        Derived::Write => Value::Bool(verb::write(event)),
        Derived::ByService => Value::Bool(origin::by_service(event)),
        Derived::ViaService => Value::Bool(origin::via_service(event)),
        Derived::GlobalService => Value::Bool(service::global_service(event)),
        Derived::Management => Value::Bool(category::management(event)),
        Derived::Data => Value::Bool(category::data(event)),
        Derived::Ip => origin::ip(event).map_or(Value::Missing, Value::Ip),
        Derived::Console => Value::Bool(origin::console(event)),
        Derived::Mfa => Value::Bool(origin::mfa(event)),
        Derived::Targets => target::targets(event),
        Derived::Target => target::target(event),
        Derived::SgRules => security_group::rules(event),
        Derived::SharedWith => sharing::shared_with(event),
    }
}

/// The text of a base path, unless it is empty.
fn given<'a>(event: &Event<'a>, base: Base) -> Option<&'a str> {
    event.text(base).filter(|text| !text.is_empty())
}

/// Whether a base path has the text `plain`.
fn says(event: &Event<'_>, base: Base, plain: &str) -> bool {
    event.says(base, plain)
}

#[cfg(test)]
mod shape_tests;
