//! What is remembered, in event time and bounded memory.
