//! The whole engine on one core: match, combine, evaluate, alert.
