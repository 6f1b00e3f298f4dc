//! The scenes.

use super::{HOUR, Seat, Step};
use crate::model::MINUTE;
use crate::wire::{Said, Tool};

const SECOND: i64 = 1_000;

impl Seat {
    /// Plans a scene.
    pub(super) fn plan(&mut self, random: &mut fastrand::Rng) {
        let rest = match random.u32(0..4) {
            0 => random.i64(SECOND..5 * MINUTE),
            1 => random.i64(MINUTE..40 * MINUTE),
            _ => random.i64(30 * MINUTE..5 * HOUR),
        };
        match random.u32(0..20) {
            0..6 => self.work(random, rest),
            6..8 => self.long_tool(random, rest),
            8..11 => self.permission(random, rest),
            11..13 => self.question(random, rest),
            13..15 => self.limit(random, rest),
            15 => self.failure(random, rest),
            16 => self.crash(random, rest),
            17..19 => self.subagents(random, rest),
            _ => self.leave(random, rest),
        }
    }

    /// Ordinary work: a prompt, tool calls, perhaps a task, the end of the turn.
    fn work(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Prompt);
        if random.bool() {
            self.claim(random);
        }
        for _ in 0..random.u32(1..4) {
            self.call(random);
        }
        if random.u32(0..3) == 0 {
            self.push(random.i64(0..10 * SECOND), Step::Finish);
            self.say(0, Said::Ends(run("tasktree done")));
        }
        self.stop(random);
    }

    fn claim(&mut self, random: &mut fastrand::Rng) {
        let next = run("tasktree next");
        self.say(random.i64(0..10 * SECOND), Said::Begins(next.clone()));
        self.push(random.i64(0..SECOND), Step::Claim);
        self.say(0, Said::Ends(next));
    }

    fn call(&mut self, random: &mut fastrand::Rng) {
        let tool = self.tool(random);
        let spans = [0, 20, 2 * SECOND, 4 * MINUTE];
        let span = spans[random.usize(0..spans.len())];
        self.say(random.i64(0..30 * SECOND), Said::Begins(tool.clone()));
        self.say(random.i64(0..=span), Said::Ends(tool));
    }

    fn tool(&self, random: &mut fastrand::Rng) -> Tool {
        match random.u32(0..5) {
            0 => run("cargo test"),
            1 => Tool::Read("src/lib.rs".to_owned()),
            2 => Tool::Edit(format!("src/shared{}.rs", random.u32(0..6))),
            _ => Tool::Edit(format!("src/seat{}/{}.rs", self.number, random.u32(0..3))),
        }
    }

    fn stop(&mut self, random: &mut fastrand::Rng) {
        self.say(random.i64(0..20 * SECOND), Said::Stops);
        match random.u32(0..6) {
            0 => self.push(random.i64(0..SECOND), Step::Again(Said::Stops)),
            1 => {
                let late = Said::Ends(Tool::Read("src/lib.rs".to_owned()));
                self.push(random.i64(0..3 * SECOND), Step::Late(late));
            }
            _ => {}
        }
    }

    /// A tool that runs for three quarters of an hour, with or without signs of life.
    fn long_tool(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Prompt);
        if random.bool() {
            self.claim(random);
        }
        let tests = run("cargo test --workspace");
        self.say(SECOND, Said::Begins(tests.clone()));
        let murmurs = random.bool();
        for _ in 0..4 {
            if murmurs {
                self.say(random.i64(MINUTE..14 * MINUTE), Said::Murmurs);
            }
        }
        self.say(random.i64(MINUTE..45 * MINUTE), Said::Ends(tests));
        self.stop(random);
    }

    /// A tool call waits for a permission, beside another call.
    fn permission(&mut self, random: &mut fastrand::Rng, rest: i64) {
        let (push, list) = (run("git push"), run("ls"));
        self.say(rest, Said::Prompt);
        let beside = random.bool();
        if beside {
            self.say(SECOND, Said::Begins(list.clone()));
        }
        self.say(random.i64(0..SECOND), Said::Begins(push.clone()));
        self.say(random.i64(0..30), Said::Asks(push.clone()));
        if random.u32(0..5) == 0 {
            let again = Said::Asks(push.clone());
            self.push(random.i64(0..SECOND), Step::Again(again));
        }
        if random.bool() {
            // At once, in the terminal.
            self.say(random.i64(0..900), Said::Replied);
            self.say(random.i64(0..900), Said::Ends(push));
            return self.stop(random);
        }
        if random.bool() {
            self.say(6 * SECOND, Said::Reminds);
        }
        if beside {
            self.say(random.i64(0..20 * SECOND), Said::Ends(list));
        }
        let long = random.i64(SECOND..3 * HOUR);
        match random.u32(0..4) {
            0 => self.say(long, Said::Denied(push)),
            1 => {
                self.say(long, Said::Replied);
                self.say(random.i64(0..5 * MINUTE), Said::Ends(push));
            }
            2 => return self.vanish(random),
            _ => {}
        }
        self.stop(random);
    }

    /// The agent asks by itself, also after a permission in the same turn.
    fn question(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Prompt);
        if random.bool() {
            let push = run("git push");
            self.say(SECOND, Said::Asks(push.clone()));
            self.say(random.i64(0..MINUTE), Said::Ends(push));
        }
        self.push(random.i64(0..10 * SECOND), Step::Ask);
        self.say(random.i64(0..SECOND), Said::Ends(run("tasktree block")));
        if random.bool() {
            self.call(random);
        }
        self.stop(random);
        if random.bool() {
            self.push(random.i64(SECOND..2 * HOUR), Step::Answer);
        }
        self.say(random.i64(SECOND..HOUR), Said::Prompt);
        self.call(random);
        self.stop(random);
    }

    /// The turn ends at a usage limit.
    fn limit(&mut self, random: &mut fastrand::Rng, rest: i64) {
        let seconds = random.i64(60..5_400);
        self.say(rest, Said::Prompt);
        self.call(random);
        self.say(random.i64(0..MINUTE), Said::Limited(seconds));
        if random.bool() {
            self.say(random.i64(0..SECOND), Said::Stops);
        }
        // Before or after the end of the limit.
        let back = seconds * SECOND + random.i64(-10 * MINUTE..HOUR);
        self.say(back.max(SECOND), Said::Prompt);
        self.call(random);
        self.stop(random);
    }

    fn failure(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Prompt);
        if random.bool() {
            self.claim(random);
        }
        self.call(random);
        self.say(random.i64(0..MINUTE), Said::Fails);
    }

    /// The process dies in the middle of a call.
    fn crash(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Prompt);
        if random.bool() {
            self.claim(random);
        }
        self.say(random.i64(0..MINUTE), Said::Begins(run("cargo build")));
        self.vanish(random);
    }

    /// Nothing is heard for a while; then the session is resumed, or another one takes its place.
    fn vanish(&mut self, random: &mut fastrand::Rng) {
        let gone = random.i64(MINUTE..4 * HOUR);
        if random.bool() {
            self.push(gone, Step::NewSession);
            self.say(0, Said::Starts { resumed: false });
        } else {
            self.say(gone, Said::Starts { resumed: true });
        }
    }

    /// Subagents that end, ask, or never end.
    fn subagents(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Prompt);
        for _ in 0..random.u32(1..4) {
            self.children += 1;
            let id = format!("sub{}", self.children);
            let tool = self.tool(random);
            self.say(random.i64(0..10 * SECOND), Said::ChildStarts(id.clone()));
            let (one, other) = (id.clone(), tool.clone());
            self.say(random.i64(0..SECOND), Said::ChildBegins(one, other));
            if random.u32(0..3) == 0 {
                let asked = (id.clone(), run("rm -r target"));
                self.say(0, Said::ChildAsks(asked.0.clone(), asked.1.clone()));
                if random.bool() {
                    let (id, tool) = asked;
                    self.say(random.i64(0..HOUR), Said::ChildEnds(id, tool));
                }
            }
            self.say(random.i64(0..5 * MINUTE), Said::ChildEnds(id.clone(), tool));
            if random.bool() {
                self.say(random.i64(0..MINUTE), Said::ChildStops(id));
            }
        }
        match random.u32(0..4) {
            0 => {}
            1 => self.say(random.i64(0..MINUTE), Said::Leaves),
            _ => self.stop(random),
        }
    }

    /// The session ends, and goes on later, or another one begins.
    fn leave(&mut self, random: &mut fastrand::Rng, rest: i64) {
        self.say(rest, Said::Leaves);
        self.vanish(random);
    }
}

fn run(command: &str) -> Tool {
    Tool::Run(command.to_owned())
}
