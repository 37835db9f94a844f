//! Bytes from the world: discover, inflate, frame, unwrap envelopes.
