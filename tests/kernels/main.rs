//! Every kernel at every level of the processor beside the textbook loops.

mod channels;
mod depthwise;
mod direct;
mod general;
mod interleaved;
mod winograd;
