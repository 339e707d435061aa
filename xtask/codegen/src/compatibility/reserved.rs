//! Numbers and names that are gone, and must not come back as something else.

use std::ops::RangeInclusive;

use crate::schema::Reserved;

use super::Change;

/// A field, or a value of an enum.
#[derive(PartialEq, Eq)]
pub(super) struct Member<'s> {
    pub(super) number: i64,
    pub(super) name: &'s str,
}

/// What is wrong with it that `was`, one of the members released, is none of those now; nothing if it
/// is reserved.
pub(super) fn gone(
    was: &Member,
    released: &[Member],
    now: &[Member],
    reserved: &Reserved,
) -> Option<Change> {
    if let Some(is) = now.iter().find(|member| member.name == was.name) {
        return Some(Change::Number(was.number, is.number));
    }
    let holder = now.iter().find(|member| member.number == was.number);
    // In an enum an alias may have had the number, too.
    if let Some(is) = holder.filter(|member| !released.contains(member)) {
        let (was, is) = (was.name.to_owned(), is.name.to_owned());
        return Some(Change::Name { number: holder?.number, was, is });
    }
    let free = holder.is_none() && !reserved.numbers.iter().any(|n| n.contains(&was.number));
    let number = free.then(|| format!("reserved {};", was.number));
    let named = reserved.names.iter().any(|name| name == was.name);
    let name = (!named).then(|| format!("reserved {:?};", was.name));
    let missing: Vec<_> = number.into_iter().chain(name).collect();
    let change = Change::MemberGone { number: was.number, reserve: missing.join(" ") };
    (!missing.is_empty()).then_some(change)
}

/// What is no longer reserved, and by the name of which of the `members` it is taken, if any.
pub(super) fn compare<'s>(
    released: &Reserved,
    now: &Reserved,
    members: &[Member<'s>],
) -> Vec<(&'s str, Change)> {
    let freed = released.numbers.iter().flat_map(|numbers| minus(numbers.clone(), &now.numbers));
    let numbers = freed.flat_map(|numbers| freed_numbers(numbers, members));
    let names = released.names.iter().filter(|name| !now.names.contains(name));
    numbers.chain(names.map(|name| freed_name(name, members))).collect()
}

fn freed_numbers<'s>(
    numbers: RangeInclusive<i64>,
    members: &[Member<'s>],
) -> Vec<(&'s str, Change)> {
    let taken = members.iter().filter(|member| numbers.contains(&member.number));
    let taken: Vec<_> =
        taken.map(|member| (member.name, Change::NumberReused(member.number))).collect();
    if taken.is_empty() { vec![("", Change::NumberFreed(numbers))] } else { taken }
}

fn freed_name<'s>(name: &str, members: &[Member<'s>]) -> (&'s str, Change) {
    match members.iter().find(|member| member.name == name) {
        Some(member) => (member.name, Change::NameReused(name.to_owned())),
        None => ("", Change::NameFreed(name.to_owned())),
    }
}

/// The parts of `numbers` that are in none of `others`.
fn minus(numbers: RangeInclusive<i64>, others: &[RangeInclusive<i64>]) -> Vec<RangeInclusive<i64>> {
    others.iter().fold(vec![numbers], |left, other| {
        let parts = left.into_iter().flat_map(|part| {
            let before = *part.start()..=*part.end().min(&(other.start() - 1));
            let behind = *part.start().max(&(other.end() + 1))..=*part.end();
            [before, behind]
        });
        parts.filter(|part| !part.is_empty()).collect()
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_left_of_a_range_is_every_number_that_no_other_has() {
        let ranges = || (0..7_i64).flat_map(|first| (first..7).map(move |last| first..=last));
        for numbers in ranges() {
            for one in ranges() {
                for other in ranges() {
                    let others = [one.clone(), other];
                    let left: Vec<_> =
                        minus(numbers.clone(), &others).into_iter().flatten().collect();
                    let want: Vec<_> =
                        numbers.clone().filter(|n| !others.iter().any(|o| o.contains(n))).collect();
                    assert_eq!(left, want, "{numbers:?} without {others:?}");
                }
            }
        }
        assert_eq!(minus(3..=5, &[]), [3..=5]);
    }
}
