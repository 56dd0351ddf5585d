//! The front Worker.
