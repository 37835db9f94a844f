//! Which fields of a record the scan shall find, and where it notes them.
//!
//! A [`Layout`] is made once, from the paths that the rules read; each path gets a
//! slot. The scan walks its tree of keys beside the record. [`Base`] names the
//! paths that the engine and the derived names know by themselves: their slots are
//! the same in every layout, filled only where asked for.
//!
//! # Invariants
//!
//! - Slots below [`Base::COUNT`] belong to the base paths, in the order of [`Base`].
//! - One path has one slot.
//! - An object of the top level in which values are wanted is walked at once when
//!   CloudTrail itself writes it, else when one of them is first asked for.

use crate::scene::{OF_SESSION, is_of_scene, lies_in_stretch};
use std::hash::{DefaultHasher, Hash, Hasher};
use std::sync::Arc;

/// The number of a slot in a layout.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Slot(pub u16);

macro_rules! base {
    ($($(#[$doc:meta])* $name:ident = $path:expr;)*) => {
        /// A path of the record that the engine knows by itself.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Base { $($(#[$doc])* $name,)* }

        impl Base {
            /// All base paths in the order of their slots.
            pub const ALL: &[Self] = &[$(Self::$name,)*];
            /// How many there are.
            pub const COUNT: usize = Self::ALL.len();

            /// Its slot, the same in every layout.
            #[must_use]
            pub const fn slot(self) -> Slot {
                Slot(self as u16)
            }

            /// Its keys, from the top of the record.
            #[must_use]
            pub fn path(self) -> &'static [&'static str] {
                match self { $(Self::$name => &$path,)* }
            }
        }
    };
}

base! {
    /// eventVersion.
    EventVersion = ["eventVersion"];
    /// eventTime.
    EventTime = ["eventTime"];
    /// `@timestamp`, which stands in for eventTime.
    Timestamp = ["@timestamp"];
    /// eventSource.
    EventSource = ["eventSource"];
    /// eventName.
    EventName = ["eventName"];
    /// eventID.
    EventId = ["eventID"];
    /// requestID.
    RequestId = ["requestID"];
    /// awsRegion.
    AwsRegion = ["awsRegion"];
    /// recipientAccountId.
    RecipientAccountId = ["recipientAccountId"];
    /// errorCode.
    ErrorCode = ["errorCode"];
    /// errorMessage.
    ErrorMessage = ["errorMessage"];
    /// readOnly.
    ReadOnly = ["readOnly"];
    /// eventType.
    EventType = ["eventType"];
    /// eventCategory.
    EventCategory = ["eventCategory"];
    /// managementEvent.
    ManagementEvent = ["managementEvent"];
    /// sourceIPAddress.
    SourceIpAddress = ["sourceIPAddress"];
    /// userAgent.
    UserAgent = ["userAgent"];
    /// addendum.reason.
    AddendumReason = ["addendum", "reason"];
    /// userIdentity.
    UserIdentity = ["userIdentity"];
    /// userIdentity.type.
    IdentityType = ["userIdentity", "type"];
    /// userIdentity.arn.
    IdentityArn = ["userIdentity", "arn"];
    /// userIdentity.principalId.
    IdentityPrincipalId = ["userIdentity", "principalId"];
    /// userIdentity.accountId.
    IdentityAccountId = ["userIdentity", "accountId"];
    /// userIdentity.accessKeyId.
    IdentityAccessKeyId = ["userIdentity", "accessKeyId"];
    /// userIdentity.userName.
    IdentityUserName = ["userIdentity", "userName"];
    /// userIdentity.invokedBy.
    IdentityInvokedBy = ["userIdentity", "invokedBy"];
    /// userIdentity.onBehalfOf.userId.
    OnBehalfOfUserId = ["userIdentity", "onBehalfOf", "userId"];
    /// userIdentity.sessionContext.sessionIssuer.arn.
    IssuerArn = ["userIdentity", "sessionContext", "sessionIssuer", "arn"];
    /// userIdentity.sessionContext.sessionIssuer.userName.
    IssuerUserName = ["userIdentity", "sessionContext", "sessionIssuer", "userName"];
    /// userIdentity.sessionContext.attributes.creationDate.
    SessionCreation = ["userIdentity", "sessionContext", "attributes", "creationDate"];
    /// userIdentity.sessionContext.attributes.mfaAuthenticated.
    MfaAuthenticated = ["userIdentity", "sessionContext", "attributes", "mfaAuthenticated"];
    /// sessionCredentialFromConsole.
    FromConsole = ["sessionCredentialFromConsole"];
    /// tlsDetails.clientProvidedHostHeader.
    HostHeader = ["tlsDetails", "clientProvidedHostHeader"];
    /// requestParameters.
    RequestParameters = ["requestParameters"];
    /// requestParameters.scope.
    RequestScope = ["requestParameters", "scope"];
    /// responseElements.
    ResponseElements = ["responseElements"];
    /// additionalEventData.
    AdditionalEventData = ["additionalEventData"];
    /// additionalEventData.UserName.
    AdditionalUserName = ["additionalEventData", "UserName"];
    /// additionalEventData.MFAUsed.
    MfaUsed = ["additionalEventData", "MFAUsed"];
    /// additionalEventData.RequestDetails.endpointType.
    EndpointType = ["additionalEventData", "RequestDetails", "endpointType"];
    /// serviceEventDetails.
    ServiceEventDetails = ["serviceEventDetails"];
    /// resources.
    Resources = ["resources"];
}

/// The keys of which a CloudTrail record has two or more at its top level.
pub const RECORD_KEYS: [&str; 7] = [
    "eventVersion",
    "eventTime",
    "eventSource",
    "eventName",
    "eventID",
    "awsRegion",
    "userIdentity",
];

/// The keys under which other tools wrap records: a list, an object or JSON in a text.
pub const ENVELOPE_KEYS: [&str; 9] = [
    "Records",
    "records",
    "Events",
    "CloudTrailEvent",
    "detail",
    "logEvents",
    "message",
    "aws",
    "cloudtrail",
];

/// The object that is walked with the top level: CloudTrail writes it itself, its keys in nearly one
/// order, and nearly every rule asks who it was.
const AT_ONCE: [&str; 1] = ["userIdentity"];

/// The tree of the keys to look for, and the slots of their values.
#[derive(Clone, Debug)]
pub struct Layout {
    pub(crate) tree: Arc<Tree>,
    paths: Vec<Vec<String>>,
}

/// The keys to look for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Tree {
    pub(crate) nodes: Vec<Node>,
    /// By slot: where it lies, of one that is looked for on demand.
    inside: Vec<Option<Box<Inside>>>,
    /// The slots that belong to the scene, and by slot whether it does.
    pub(crate) scene: Vec<Slot>,
    /// Those of them that lie in no stretch of it.
    pub(crate) beside: Vec<Slot>,
    of_scene: Vec<bool>,
    /// Tells trees apart: scratch that was used with another one starts afresh.
    pub(crate) mark: u64,
}

/// Where a value lies that is looked for when it is first asked for.
#[derive(Clone, Debug)]
pub(crate) struct Inside {
    /// An object of the top level.
    pub(crate) object: Slot,
    /// The keys from there on.
    pub(crate) keys: Box<[String]>,
}

impl Tree {
    /// Where a slot lies that is looked for on demand.
    #[inline]
    pub(crate) fn inside(&self, slot: Slot) -> Option<&Inside> {
        self.inside.get(usize::from(slot.0))?.as_deref()
    }

    /// The slots that are looked for inside an object.
    pub(crate) fn slots_inside(&self, object: Slot) -> impl Iterator<Item = Slot> + '_ {
        let inside = (0..).map(Slot).zip(&self.inside);
        let is_inside = move |inside: &Inside| inside.object == object;
        inside
            .filter(move |(_, inside)| inside.as_deref().is_some_and(is_inside))
            .map(|(slot, _)| slot)
    }

    /// Whether a slot belongs to the scene.
    #[inline]
    pub(crate) fn is_of_scene(&self, slot: Slot) -> bool {
        self.of_scene.get(usize::from(slot.0)) == Some(&true)
    }
}

/// A key to look for.
#[derive(Clone, Debug, Default)]
pub(crate) struct Node {
    /// Keys inside, in order of their length.
    children: Vec<(Box<[u8]>, u16)>,
    /// Where the children of each length begin in `children`; the last entry is their number.
    by_length: Vec<u16>,
    /// Where the value is noted.
    pub(crate) slot: Option<Slot>,
    /// The bit of a record key, else 0.
    pub(crate) mark: u8,
    /// Whether records may be wrapped under it.
    pub(crate) envelope: bool,
    /// Whether the walk that meets this key enters an object under it.
    pub(crate) entered: bool,
}

impl Node {
    /// The child under a key.
    #[inline]
    pub(crate) fn child(&self, key: &[u8]) -> Option<u16> {
        let first = *self.by_length.get(key.len())? as usize;
        let last = *self.by_length.get(key.len() + 1)? as usize;
        let same = self.children.get(first..last)?;
        same.iter().find(|(known, _)| **known == *key).map(|(_, node)| *node)
    }

    /// The numbers of the keys inside.
    pub(crate) fn children(&self) -> impl Iterator<Item = u16> + '_ {
        self.children.iter().map(|(_, node)| *node)
    }

    fn insert(&mut self, key: &str, node: u16) {
        let at = self.children.partition_point(|(known, _)| known.len() <= key.len());
        self.children.insert(at, (key.as_bytes().into(), node));
        if self.by_length.len() < key.len() + 2 {
            let all = self.by_length.last().copied().unwrap_or(0);
            self.by_length.resize(key.len() + 2, all);
        }
        for first in &mut self.by_length[key.len() + 1..] {
            *first = first.saturating_add(1);
        }
    }
}

/// What the walk does with the value under a key.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Wanted {
    pub(crate) node: u16,
    /// Where the value is noted.
    pub(crate) slot: Option<Slot>,
    /// The bit of a record key, else 0.
    pub(crate) mark: u8,
    /// Whether records may be wrapped under it.
    pub(crate) envelope: bool,
    /// Whether an object under it is entered.
    pub(crate) entered: bool,
}

impl Tree {
    pub(crate) fn wanted(&self, node: u16) -> Wanted {
        let Node { slot, mark, envelope, entered, .. } = self.nodes[usize::from(node)];
        Wanted { node, slot, mark, envelope, entered }
    }
}

/// More paths than a layout can hold: 60,000.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TooManyPaths;

impl Default for Layout {
    fn default() -> Self {
        Self::new()
    }
}

impl Layout {
    /// The root's number.
    pub(crate) const ROOT: u16 = 0;
    const MOST: usize = 60_000;

    /// A layout that finds what tells one event from another, and nothing else.
    ///
    /// Source: language reference, "Duplicates", "Event time".
    #[must_use]
    pub fn new() -> Self {
        let paths = Base::ALL
            .iter()
            .map(|base| base.path().iter().map(|key| (*key).to_owned()).collect())
            .collect();
        let tree = Tree { nodes: vec![Node::default()], ..Tree::default() };
        let mut layout = Self { tree: Arc::new(tree), paths };
        for (bit, key) in RECORD_KEYS.iter().enumerate() {
            let node = layout.node(&[key]);
            layout.tree_mut().nodes[node].mark = 1 << bit;
        }
        for key in ENVELOPE_KEYS {
            let node = layout.node(&[key]);
            layout.tree_mut().nodes[node].envelope = true;
        }
        use Base::{
            AddendumReason, AwsRegion, ErrorCode, EventId, EventName, EventSource, EventTime,
            IdentityAccountId, RecipientAccountId, RequestId, Timestamp,
        };
        for base in [
            EventId,
            RequestId,
            EventTime,
            EventSource,
            EventName,
            AwsRegion,
            RecipientAccountId,
            ErrorCode,
            Timestamp,
            AddendumReason,
            IdentityAccountId,
        ] {
            layout.want(base);
        }
        layout
    }

    /// Have the scan find a base path.
    pub fn want(&mut self, base: Base) {
        let node = self.node(base.path());
        self.note_at(node, base.slot());
    }

    /// Have the scan find what tells the scene of an event in few steps.
    pub fn want_scene(&mut self) {
        self.want(Base::UserIdentity);
        OF_SESSION.iter().for_each(|base| self.want(*base));
    }

    /// Have the scan find a path, and say in which slot.
    ///
    /// # Errors
    ///
    /// [`TooManyPaths`] above 60,000.
    pub fn slot(&mut self, path: &[impl AsRef<str>]) -> Result<Slot, TooManyPaths> {
        if self.tree.nodes.len() + path.len() > Self::MOST {
            return Err(TooManyPaths);
        }
        let node = self.node(path);
        if let Some(slot) = self.tree.nodes[node].slot {
            return Ok(slot);
        }
        let known = Base::ALL
            .iter()
            .position(|base| base.path().iter().copied().eq(path.iter().map(AsRef::as_ref)));
        let number = known.unwrap_or_else(|| {
            self.paths.push(path.iter().map(|key| key.as_ref().to_owned()).collect());
            self.paths.len() - 1
        });
        let slot = Slot(u16::try_from(number).map_err(|_| TooManyPaths)?);
        self.note_at(node, slot);
        Ok(slot)
    }

    /// The same layout for a scan that takes every object as it stands, unwrapping none.
    #[must_use]
    pub fn without_envelopes(&self) -> Self {
        let mut layout = self.clone();
        let tree = layout.tree_mut();
        for node in &mut tree.nodes {
            node.envelope = false;
        }
        tree.mark = !tree.mark;
        layout
    }

    /// How many slots there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.paths.len()
    }

    /// Whether there are none, which is never so.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// The path of a slot.
    #[must_use]
    pub fn path(&self, slot: Slot) -> &[String] {
        &self.paths[usize::from(slot.0)]
    }

    fn tree_mut(&mut self) -> &mut Tree {
        Arc::make_mut(&mut self.tree)
    }

    /// The node of a path, made where it is not there yet.
    fn node(&mut self, path: &[impl AsRef<str>]) -> usize {
        let mut at = 0;
        for (depth, key) in path.iter().enumerate() {
            let key = key.as_ref();
            if depth > 0 && self.tree.nodes[at].children.is_empty() {
                self.enter(at, depth, path[0].as_ref());
            }
            at = if let Some(child) = self.tree.nodes[at].child(key.as_bytes()) {
                usize::from(child)
            } else {
                let tree = self.tree_mut();
                let child = tree.nodes.len();
                let mut hasher = DefaultHasher::new();
                (tree.mark, at, key).hash(&mut hasher);
                tree.mark = hasher.finish();
                tree.nodes.push(Node::default());
                tree.nodes[at].insert(key, u16::try_from(child).unwrap_or(u16::MAX));
                child
            };
        }
        at
    }

    /// Something is wanted below a node: its object is entered, or noted to be looked into.
    fn enter(&mut self, node: usize, depth: usize, top: &str) {
        if depth > 1 || AT_ONCE.contains(&top) {
            self.tree_mut().nodes[node].entered = true;
        } else {
            // Too many paths are told when the path itself is noted.
            let _ = self.slot(&[top]);
        }
    }

    fn note_at(&mut self, node: usize, slot: Slot) {
        let path = &self.paths[usize::from(slot.0)];
        let (is_of_scene, in_stretch) = (is_of_scene(path), lies_in_stretch(path));
        let tree = Arc::make_mut(&mut self.tree);
        if tree.nodes[node].slot.replace(slot).is_some() {
            return;
        }
        let number = usize::from(slot.0);
        tree.of_scene.resize(tree.of_scene.len().max(number + 1), false);
        tree.of_scene[number] = is_of_scene;
        if is_of_scene {
            tree.scene.push(slot);
            tree.beside.extend((!in_stretch).then_some(slot));
        }
        if let [top, keys @ ..] = &**path
            && !keys.is_empty()
            && !AT_ONCE.contains(&&**top)
            && let Some(object) = tree.nodes[usize::from(Self::ROOT)].child(top.as_bytes())
            && let Some(object) = tree.nodes[usize::from(object)].slot
        {
            tree.inside.resize(tree.inside.len().max(number + 1), None);
            tree.inside[number] = Some(Inside { object, keys: keys.into() }.into());
        }
        let mut hasher = DefaultHasher::new();
        (tree.mark, node, slot.0).hash(&mut hasher);
        tree.mark = hasher.finish();
    }
}
