//! The keys of the board and their actions.

use tasktree_protocol::Status;

/// Key press, as far as it matters to the board.
#[derive(Clone, Copy, Debug, Default)]
pub struct Press<'a> {
    /// Name of the key, as `ui::keys::command_key` returns it: keys of an input method have none.
    pub key: &'a str,
    /// Set while Shift is down.
    pub shift: bool,
    /// Set while Alt, Control, Meta or AltGraph is down: such keys belong to the browser, the
    /// system or the layout.
    pub command: bool,
    /// Set while a card is held.
    pub holding: bool,
    /// Set if single letters and signs must not be commands, as the person has chosen.
    pub no_letters: bool,
}

/// Step to a neighbor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Card above.
    Up,
    /// Card below.
    Down,
    /// Previous column.
    Left,
    /// Next column.
    Right,
    /// First card of the column.
    First,
    /// Last card of the column.
    Last,
}

/// Action of a key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Action {
    /// Move the focus.
    Focus(Step),
    /// Open the focused card.
    Open,
    /// Pick up the focused card.
    PickUp,
    /// Carry the held card to the neighboring column.
    Carry(Step),
    /// Put the held card down in its current column.
    Drop,
    /// Return the held card to its original column.
    Return,
    /// Open the "Move to" menu of the focused card.
    Menu,
    /// Move the focused card to the neighboring column at once.
    Shift(Step),
    /// Answer the agent on the focused card, or let another try again.
    Reply,
    /// Choose another agent for the focused card.
    Reassign,
    /// Open the form for a new task.
    Add,
    /// Go to the search field.
    Search,
}

/// Returns the action of a key, if it has one.
pub fn action(press: Press<'_>) -> Option<Action> {
    if press.command {
        return None;
    }
    if press.no_letters && !is_named(press.key) {
        return None;
    }
    let step = step(press.key);
    // Letters and signs may need Shift.
    if press.shift && is_named(press.key) {
        return match step? {
            side @ (Step::Left | Step::Right) if !press.holding => Some(Action::Shift(side)),
            _ => None,
        };
    }
    if press.holding {
        return match press.key {
            " " | "Enter" => Some(Action::Drop),
            "Escape" => Some(Action::Return),
            _ => match step? {
                side @ (Step::Left | Step::Right) => Some(Action::Carry(side)),
                _ => None,
            },
        };
    }
    match press.key {
        "Enter" => Some(Action::Open),
        " " => Some(Action::PickUp),
        "m" | "M" => Some(Action::Menu),
        "r" | "R" => Some(Action::Reply),
        "a" | "A" => Some(Action::Reassign),
        "c" | "C" | "n" | "N" => Some(Action::Add),
        "/" => Some(Action::Search),
        _ => step.map(Action::Focus),
    }
}

/// Returns true for a key that is not a letter or sign: named keys have longer names, and Space is
/// one of them.
fn is_named(key: &str) -> bool {
    key == " " || key.chars().count() != 1
}

fn step(key: &str) -> Option<Step> {
    Some(match key {
        "ArrowUp" | "k" | "K" => Step::Up,
        "ArrowDown" | "j" | "J" => Step::Down,
        "ArrowLeft" | "h" | "H" => Step::Left,
        "ArrowRight" | "l" | "L" => Step::Right,
        "Home" => Step::First,
        "End" => Step::Last,
        _ => return None,
    })
}

/// Returns the neighboring column on a side, if there is one.
pub fn neighbour(status: Status, side: Step) -> Option<Status> {
    let at = Status::ALL.iter().position(|other| *other == status)?;
    match side {
        Step::Left => at
            .checked_sub(1)
            .and_then(|at| Status::ALL.get(at))
            .copied(),
        Step::Right => Status::ALL.get(at + 1).copied(),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use wasm_bindgen_test::wasm_bindgen_test;

    fn press(key: &str) -> Press<'_> {
        Press {
            key,
            ..Press::default()
        }
    }

    #[wasm_bindgen_test]
    fn keys_of_the_browser_are_left_alone() {
        for key in [
            "j",
            " ",
            "Enter",
            "ArrowLeft",
            "ArrowRight",
            "c",
            "/",
            "Escape",
        ] {
            for holding in [false, true] {
                assert_eq!(
                    action(Press {
                        command: true,
                        holding,
                        ..press(key)
                    }),
                    None
                );
            }
        }
    }

    #[wasm_bindgen_test]
    fn a_held_card_moves_between_columns_and_is_dropped_or_returned() {
        let held = |key| {
            action(Press {
                holding: true,
                ..press(key)
            })
        };
        assert_eq!(held("ArrowRight"), Some(Action::Carry(Step::Right)));
        assert_eq!(held("h"), Some(Action::Carry(Step::Left)));
        assert_eq!(held("ArrowDown"), None);
        assert_eq!(held(" "), Some(Action::Drop));
        assert_eq!(held("Escape"), Some(Action::Return));
        assert_eq!(held("c"), None);
    }

    #[wasm_bindgen_test]
    fn shift_with_an_arrow_moves_at_once_and_leaves_other_named_keys_alone() {
        let shift = |key, holding| {
            action(Press {
                shift: true,
                holding,
                ..press(key)
            })
        };
        assert_eq!(shift("ArrowLeft", false), Some(Action::Shift(Step::Left)));
        for key in ["ArrowUp", "Home", " ", "Enter", "Escape", "Tab"] {
            for holding in [false, true] {
                assert_eq!(shift(key, holding), None, "{key}");
            }
        }
        assert_eq!(shift("ArrowLeft", true), None);
        assert_eq!(shift("M", false), Some(Action::Menu));
        assert_eq!(shift("/", false), Some(Action::Search));
    }

    #[wasm_bindgen_test]
    fn letters_can_be_switched_off_and_named_keys_cannot() {
        let quiet = |key, holding| {
            action(Press {
                no_letters: true,
                holding,
                ..press(key)
            })
        };
        for key in ["j", "K", "h", "l", "m", "c", "n", "/"] {
            assert_eq!(quiet(key, false), None, "{key}");
        }
        assert_eq!(quiet("h", true), None);
        assert_eq!(quiet(" ", false), Some(Action::PickUp));
        assert_eq!(quiet("Enter", false), Some(Action::Open));
        assert_eq!(quiet("ArrowDown", false), Some(Action::Focus(Step::Down)));
        assert_eq!(quiet("ArrowLeft", true), Some(Action::Carry(Step::Left)));
    }

    #[wasm_bindgen_test]
    fn columns_end_at_both_sides() {
        assert_eq!(neighbour(Status::Unclaimed, Step::Left), None);
        assert_eq!(neighbour(Status::Merged, Step::Right), None);
        assert_eq!(
            neighbour(Status::UpNext, Step::Right),
            Some(Status::InProgress)
        );
    }
}
