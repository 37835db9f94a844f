//! The names that rules may use for what CloudTrail spreads over many fields.
//!
//! It knows the names and their numbers. How each is computed stands in
//! [`crate::derived`]; its type stands in `lang`.

/// A derived name.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Derived {
    /// `time`.
    Time,
    /// `service`.
    Service,
    /// `api`.
    Api,
    /// `region`.
    Region,
    /// `account`.
    Account,
    /// `principal`.
    Principal,
    /// `session`.
    Session,
    /// `actor.id`.
    ActorId,
    /// `actor.type`.
    ActorType,
    /// `actor.account`.
    ActorAccount,
    /// `cross_account`.
    CrossAccount,
    /// `user`.
    User,
    /// `key`.
    Key,
    /// `ua`.
    Ua,
    /// `ok`.
    Ok,
    /// `denied`.
    Denied,
    /// `write`.
    Write,
    /// `by_service`.
    ByService,
    /// `via_service`.
    ViaService,
    /// `global_service`.
    GlobalService,
    /// `management`.
    Management,
    /// `data`.
    Data,
    /// `ip`.
    Ip,
    /// `console`.
    Console,
    /// `mfa`.
    Mfa,
    /// `targets`.
    Targets,
    /// `target`.
    Target,
    /// `sg.rules`.
    SgRules,
    /// `shared_with`.
    SharedWith,
}

impl Derived {
    /// All derived names, in the order of their numbers.
    pub const ALL: [(&'static str, Self); 29] = [
        ("time", Self::Time),
        ("service", Self::Service),
        ("api", Self::Api),
        ("region", Self::Region),
        ("account", Self::Account),
        ("principal", Self::Principal),
        ("session", Self::Session),
        ("actor.id", Self::ActorId),
        ("actor.type", Self::ActorType),
        ("actor.account", Self::ActorAccount),
        ("cross_account", Self::CrossAccount),
        ("user", Self::User),
        ("key", Self::Key),
        ("ua", Self::Ua),
        ("ok", Self::Ok),
        ("denied", Self::Denied),
        ("write", Self::Write),
        ("by_service", Self::ByService),
        ("via_service", Self::ViaService),
        ("global_service", Self::GlobalService),
        ("management", Self::Management),
        ("data", Self::Data),
        ("ip", Self::Ip),
        ("console", Self::Console),
        ("mfa", Self::Mfa),
        ("targets", Self::Targets),
        ("target", Self::Target),
        ("sg.rules", Self::SgRules),
        ("shared_with", Self::SharedWith),
    ];

    /// The derived name that rules write as `name`.
    #[must_use]
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.iter().find(|(known, _)| *known == name).map(|(_, derived)| *derived)
    }

    /// As rules write it.
    #[must_use]
    pub fn name(self) -> &'static str {
        Self::ALL[self as usize].0
    }
}
