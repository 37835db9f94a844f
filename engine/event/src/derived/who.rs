//! Who acts, and whose account it is: `principal`, `session`, `actor.*`, `user`,
//! `account`, `cross_account`.
//!
//! `principal` is the same in every session, so that it may key a baseline. An
//! empty text names nobody: wherever one text stands in for another, an empty one
//! counts as missing.

use super::arn::{Arn, partition, split_id};
use super::{given, says};
use crate::event::Event;
use crate::layout::Base;

/// What `principal` and `actor.id` read.
pub(super) const PRINCIPAL_INPUTS: &[Base] = &[
    Base::IssuerArn,
    Base::IdentityArn,
    Base::IdentityType,
    Base::IdentityAccountId,
    Base::IdentityUserName,
    Base::AwsRegion,
    Base::OnBehalfOfUserId,
    Base::IdentityInvokedBy,
    Base::IdentityPrincipalId,
];

/// What `user` reads.
pub(super) const USER_INPUTS: &[Base] = &[
    Base::IdentityType,
    Base::IdentityUserName,
    Base::IssuerUserName,
    Base::IdentityArn,
    Base::AdditionalUserName,
];

/// The account whose log this is.
pub(super) fn account<'a>(event: &Event<'a>) -> Option<&'a str> {
    given(event, Base::RecipientAccountId).or_else(|| given(event, Base::IdentityAccountId))
}

/// The caller's account.
pub(super) fn actor_account<'a>(event: &Event<'a>) -> Option<&'a str> {
    given(event, Base::IdentityAccountId).or_else(|| {
        let account = identity_arn(event)?.account;
        (!account.is_empty()).then_some(account)
    })
}

/// Whether the caller's account and the log's are both known and differ.
pub(super) fn cross_account(event: &Event<'_>) -> bool {
    match (actor_account(event), given(event, Base::RecipientAccountId)) {
        (Some(caller), Some(owner)) => caller != owner,
        _ => false,
    }
}

/// Who, the same in every session.
pub(super) fn principal<'a>(event: &Event<'a>) -> Option<&'a str> {
    given(event, Base::IssuerArn)
        .or_else(|| own_arn(event))
        .or_else(|| built_arn(event))
        .or_else(|| identity_center_user(event))
        .or_else(|| given(event, Base::IdentityInvokedBy))
        .or_else(|| {
            let id = given(event, Base::IdentityPrincipalId)?;
            Some(split_id(id).map_or(id, |(id, _)| id))
        })
        .or_else(|| given(event, Base::IdentityAccountId))
}

/// The caller's ARN; a role session's as the role's.
fn own_arn<'a>(event: &Event<'a>) -> Option<&'a str> {
    let text = given(event, Base::IdentityArn)?;
    let Some(arn) = Arn::parse(text) else { return Some(text) };
    let Some((role, _)) = arn.role_session() else { return Some(text) };
    let Arn { partition, account, .. } = arn;
    let role = format!("arn:{partition}:iam::{account}:role/{role}");
    Some(event.arena().alloc_str(&role))
}

/// The ARN of a Root or an IAMUser, made of account and user name.
fn built_arn<'a>(event: &Event<'a>) -> Option<&'a str> {
    let root = says(event, Base::IdentityType, "Root");
    if !root && !says(event, Base::IdentityType, "IAMUser") {
        return None;
    }
    let account = given(event, Base::IdentityAccountId)?;
    let partition = partition(event.text(Base::AwsRegion).unwrap_or_default());
    let arn = if root {
        format!("arn:{partition}:iam::{account}:root")
    } else {
        let name = given(event, Base::IdentityUserName)?;
        format!("arn:{partition}:iam::{account}:user/{name}")
    };
    Some(event.arena().alloc_str(&arn))
}

fn identity_center_user<'a>(event: &Event<'a>) -> Option<&'a str> {
    let user = given(event, Base::OnBehalfOfUserId)?;
    Some(event.arena().alloc_str(&format!("arn:aws:identitystore:::user/{user}")))
}

/// The name of the role session or federated user.
pub(super) fn session<'a>(event: &Event<'a>) -> Option<&'a str> {
    let in_arn = identity_arn(event).and_then(|arn| match arn.role_session() {
        Some((_, session)) => Some(session),
        None => arn.federated_user(),
    });
    in_arn.filter(|session| !session.is_empty()).or_else(|| {
        let id = given(event, Base::IdentityPrincipalId)?;
        let session = match split_id(id) {
            Some((_, session)) => session,
            None if says(event, Base::IdentityType, "FederatedUser") => id.split_once(':')?.1,
            None => return None,
        };
        (!session.is_empty()).then_some(session)
    })
}

/// `principal`, with the session for the roles that Identity Center's users share.
pub(super) fn actor_id<'a>(event: &Event<'a>) -> Option<&'a str> {
    let principal = principal(event)?;
    if !is_permission_set(principal) {
        return Some(principal);
    }
    let Some(session) = session(event) else { return Some(principal) };
    Some(event.arena().alloc_str(&format!("{principal}/{session}")))
}

/// Whether a principal is a role that Identity Center made of a permission set.
fn is_permission_set(principal: &str) -> bool {
    let Some((_, path)) = principal.split_once(":role/") else { return false };
    path.rsplit('/').next().is_some_and(|name| name.starts_with("AWSReservedSSO_"))
}

/// The name of the user or role.
pub(super) fn user<'a>(event: &Event<'a>) -> Option<&'a str> {
    if says(event, Base::IdentityType, "Root") {
        return Some("root");
    }
    given(event, Base::IdentityUserName)
        .or_else(|| given(event, Base::IssuerUserName))
        .or_else(|| identity_arn(event).map(Arn::name).filter(|name| !name.is_empty()))
        .or_else(|| given(event, Base::AdditionalUserName))
}

fn identity_arn<'a>(event: &Event<'a>) -> Option<Arn<'a>> {
    Arn::parse(event.text(Base::IdentityArn)?)
}
