//! What a reader is doing at the moment, for whoever measures where time goes.
//!
//! The reader holds no clock: it says what it turns to, and who listens asks the time.

/// What a reader turns to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Getting stored bytes. What is compressed and passes through the window is read under
    /// [`Phase::Inflate`].
    Read,
    /// Unpacking them.
    Inflate,
    /// Finding records and the places of their fields, and handing them on.
    Scan,
}

/// Who is told what a reader turns to, a few times a file.
pub trait Watch {
    /// The reader turns to this, and has done with what was before.
    fn turn(&self, phase: Phase);
}
