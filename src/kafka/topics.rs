//! Topics: made as the service needs them, and checked before it starts.
