//! The shape of a sequence, and what follows from it once for all groups.

/// What a step asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Demand {
    /// One event.
    One,
    /// So many events or more.
    AtLeast(u64),
    /// No event.
    Absent,
}

/// A step of a sequence.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Step {
    /// What it asks for.
    pub(crate) demand: Demand,
    /// The earlier steps that its condition reads, a bit each; 0: an entry's mask decides.
    pub(crate) reads: u32,
}

/// An equality between a value of a step and one of an earlier, plain step.
///
/// It must follow from the later step's condition. Equal values have equal hashes; the
/// condition is asked all the same.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Join {
    /// The earlier step.
    pub(crate) early: usize,
    /// The step that reads it.
    pub(crate) late: usize,
}

/// A sequence as the rule writes it. At most 32 steps; the first is not [`Demand::Absent`].
#[derive(Clone, Debug)]
pub(crate) struct Shape {
    /// The last event is less than so many seconds after the first.
    pub(crate) within: i64,
    /// The steps in their order.
    pub(crate) steps: Vec<Step>,
    /// Equalities between steps.
    pub(crate) joins: Vec<Join>,
}

/// A sequence made ready to be walked.
#[derive(Clone, Debug)]
pub(crate) struct Course {
    pub(super) within: i64,
    pub(super) steps: usize,
    /// The steps that want events.
    pub(super) places: Vec<Place>,
    /// Steps that want no event after the last place.
    pub(super) closing: Vec<Barrier>,
    /// The steps of all places, a bit each.
    pub(crate) positive: u32,
}

/// A step that wants events.
#[derive(Clone, Debug)]
pub(super) struct Place {
    pub(super) step: usize,
    pub(super) need: u64,
    pub(super) counted: bool,
    pub(super) reads: bool,
    /// Steps that want no event between the place before and this one.
    pub(super) barriers: Vec<Barrier>,
    /// Joins that read an earlier step.
    pub(super) joins: Vec<usize>,
    /// Joins that read this step, with the step that does.
    pub(super) read_by: Vec<(usize, usize)>,
    /// The places after this one, a bit for the step of each.
    pub(super) later: u32,
    /// Whether what comes after this place reads no place before it.
    pub(super) closed: bool,
}

/// A step that wants no event.
#[derive(Clone, Debug)]
pub(super) struct Barrier {
    pub(super) step: usize,
    pub(super) reads: bool,
    pub(super) joins: Vec<usize>,
    /// The join's earlier step, by its place in `joins`.
    pub(super) early: Vec<usize>,
}

/// The bit of a step.
pub(super) fn bit(step: usize) -> u32 {
    1_u32.wrapping_shl(u32::try_from(step).unwrap_or(0))
}

impl Course {
    /// What follows from a shape.
    #[must_use]
    pub(crate) fn new(shape: &Shape) -> Self {
        let mut places: Vec<Place> = Vec::new();
        let mut open: Vec<Barrier> = Vec::new();
        let late = |step: usize| {
            let joins = shape.joins.iter().enumerate();
            joins.filter(move |(_, join)| join.late == step).map(|(number, _)| number)
        };
        for (number, step) in shape.steps.iter().enumerate() {
            let joins: Vec<usize> = late(number).collect();
            let reads = step.reads != 0 || !joins.is_empty();
            let (need, counted) = match step.demand {
                Demand::Absent => {
                    let early = joins.iter().map(|join| shape.joins[*join].early).collect();
                    open.push(Barrier { step: number, reads, joins, early });
                    continue;
                }
                Demand::One => (1, false),
                Demand::AtLeast(need) => (need.max(1), true),
            };
            let read_by = shape.joins.iter().enumerate();
            let read_by = read_by.filter(|(_, join)| join.early == number);
            places.push(Place {
                step: number,
                need,
                counted,
                reads,
                barriers: std::mem::take(&mut open),
                joins,
                read_by: read_by.map(|(join, that)| (join, that.late)).collect(),
                later: 0,
                closed: true,
            });
        }
        let mut course = Self {
            within: shape.within,
            steps: shape.steps.len(),
            positive: places.iter().fold(0, |mask, place| mask | bit(place.step)),
            places,
            closing: open,
        };
        course.link(shape);
        course
    }

    /// Tell each place of those after it.
    fn link(&mut self, shape: &Shape) {
        let mut before = 0;
        for at in 0..self.places.len() {
            let step = self.places[at].step;
            let after = &self.places[at + 1..];
            let later = after.iter().fold(0, |mask, place| mask | bit(place.step));
            let reads = shape.steps[step + 1..].iter().fold(0, |mask, that| mask | that.reads);
            let joins = shape.joins.iter().filter(|join| join.late > step);
            let reads = joins.fold(reads, |mask, join| mask | bit(join.early));
            let closed = reads & before == 0;
            let place = &mut self.places[at];
            (place.later, place.closed) = (later, closed);
            before |= bit(step);
        }
    }

    /// How many seconds before the watermark still tell something: at a deadline those in
    /// the window of the match's last event are counted.
    pub(crate) fn memory(&self) -> i64 {
        if self.waits() { self.within.saturating_mul(2) } else { self.within }
    }

    /// Whether the sequence ends with an absence, and so fires at deadlines.
    #[must_use]
    pub(crate) fn waits(&self) -> bool {
        !self.closing.is_empty()
    }
}
