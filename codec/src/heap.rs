//! What owned messages take from the heap. For generated code.

use alloc::string::String;
use alloc::vec::Vec;
use core::mem::size_of;

use crate::Repeated;
use crate::proto::Owned;
use crate::runtime::{Element, Scalar};

/// Bytes that a list of texts or byte strings takes.
pub fn values<'a, T: Element<'a> + AsRef<[u8]>>(all: Repeated<'a, T>) -> usize {
    let one = |value: T| size_of::<String>().saturating_add(value.as_ref().len());
    all.iter().fold(0, |sum: usize, value| sum.saturating_add(one(value)))
}

/// Bytes that a list of numbers takes.
pub fn numbers<'a, T: Element<'a> + Scalar>(all: Repeated<'a, T>) -> usize {
    all.count().saturating_mul(size_of::<T>())
}

/// Bytes that a list of messages takes, with all that they own.
pub fn messages<'a, T: Owned>(all: Repeated<'a, T::Borrowed<'a>>) -> usize {
    let list = all.count().saturating_mul(size_of::<T>());
    all.iter().fold(list, |sum, message| sum.saturating_add(T::heap(&message)))
}

/// The elements as a list, for which memory is taken once, and no more than it needs.
pub fn collect<'a, T: Element<'a>, O>(all: Repeated<'a, T>, own: impl Fn(T) -> O) -> Vec<O> {
    let mut list = Vec::with_capacity(all.count());
    list.extend(all.iter().map(own));
    list
}
