//! Texts that are almost ones of ours.

/// The text after the edits that `how` spells, three characters each: what to
/// do, where, and with which character.
pub(crate) fn altered(text: &str, how: &str) -> String {
    let mut letters: Vec<char> = text.chars().collect();
    let how: Vec<char> = how.chars().collect();
    for edit in how.chunks_exact(3) {
        let &[kind, place, letter] = edit else {
            continue;
        };
        let place = place as usize % (letters.len() + 1);
        match (kind as u32 % 3, letters.get_mut(place)) {
            (0, _) => letters.insert(place, letter),
            (1, Some(there)) => *there = letter,
            (_, Some(_)) => {
                letters.remove(place);
            }
            (_, None) => {}
        }
    }
    letters.into_iter().collect()
}
