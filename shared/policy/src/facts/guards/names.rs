//! Names that hold a number, and where which of them do.

use std::rc::Rc;

/// How many names are remembered at a time, so that the cost stays linear; more are not needed by anyone.
const MOST: usize = 32;

/// The names that hold a number at a place. A copy costs nothing until one of the two changes, because most commands
/// leave all names as they were.
#[derive(Clone, Debug, Default)]
pub(super) struct Names<'a>(Option<Rc<Vec<&'a str>>>);

impl<'a> Names<'a> {
    pub(super) fn is_empty(&self) -> bool {
        self.as_slice().is_empty()
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.as_slice().contains(&name)
    }

    /// Adds names. Where there is no room for all, those that have been there longest are forgotten.
    pub(super) fn add(&mut self, more: impl IntoIterator<Item = &'a str>) {
        for name in more {
            if !self.contains(name) {
                let names = Rc::make_mut(self.0.get_or_insert_default());
                if names.len() == MOST {
                    names.remove(0);
                }
                names.push(name);
            }
        }
    }

    pub(super) fn remove(&mut self, name: &str) {
        let Some(names) = &mut self.0 else { return };
        if let Some(index) = names.iter().position(|known| *known == name) {
            Rc::make_mut(names).remove(index);
        }
    }

    pub(super) fn clear(&mut self) {
        self.0 = None;
    }

    fn as_slice(&self) -> &[&'a str] {
        self.0.as_ref().map_or(&[], |names| names)
    }
}

/// A part of the text, from its beginning to its end, in all of which names hold a number.
#[derive(Debug)]
struct Region<'a> {
    start: u32,
    end: u32,
    names: Names<'a>,
    /// The last region that begins before this one and has not ended where this one begins.
    around: Option<usize>,
}

/// Regions, by where they begin.
#[derive(Debug, Default)]
pub(super) struct Regions<'a>(Vec<Region<'a>>);

impl<'a> Regions<'a> {
    /// The regions of a text, in any order: where they begin, where they end, and the names.
    pub(super) fn new(mut regions: Vec<(u32, u32, Names<'a>)>) -> Self {
        regions.sort_by_key(|(start, end, _)| (*start, std::cmp::Reverse(*end)));
        let mut sorted: Vec<Region<'a>> = Vec::with_capacity(regions.len());
        let mut open: Vec<usize> = Vec::new();
        for (start, end, names) in regions {
            while open.last().is_some_and(|index| sorted[*index].end <= start) {
                open.pop();
            }
            let around = open.last().copied();
            open.push(sorted.len());
            sorted.push(Region { start, end, names, around });
        }
        Self(sorted)
    }

    /// Whether a name is a number at a place: whether one of the regions around it has the name.
    pub(super) fn hold(&self, name: &str, place: u32) -> bool {
        let mut next = self.0.partition_point(|region| region.start <= place).checked_sub(1);
        while let Some(index) = next {
            let region = &self.0[index];
            if place < region.end && region.names.contains(name) {
                return true;
            }
            next = region.around;
        }
        false
    }
}

#[cfg(test)]
mod tests {
    use super::{MOST, Names, Regions};

    fn names(all: &[&'static str]) -> Names<'static> {
        let mut names = Names::default();
        names.add(all.iter().copied());
        names
    }

    #[test]
    fn a_place_has_the_names_of_every_region_around_it() {
        let regions = Regions::new(vec![
            (30, 40, names(&["c"])),
            (0, 50, names(&["a"])),
            (10, 20, names(&["b"])),
            (35, 60, names(&["d"])),
        ]);
        let held = |place| -> String {
            ["a", "b", "c", "d"].into_iter().filter(|name| regions.hold(name, place)).collect()
        };
        assert_eq!(
            [0, 9, 10, 19, 20, 30, 35, 40, 50, 60].map(held),
            ["a", "a", "ab", "ab", "a", "ac", "acd", "ad", "d", ""]
        );
    }

    #[test]
    fn a_copy_keeps_its_names_and_the_oldest_make_room() {
        let mut changed = names(&["first", "second"]);
        let copy = changed.clone();
        changed.remove("second");
        assert!(copy.contains("second") && !changed.contains("second"));
        let many: Vec<String> = (0..MOST).map(|number| format!("n{number}")).collect();
        changed.add(many.iter().map(String::as_str));
        assert!(!changed.contains("first") && changed.contains("n0"));
        assert!(copy.contains("first"));
    }
}
