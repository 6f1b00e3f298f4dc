//! Two pages of one browser, its storage, the people who sign in, and the server.

use std::collections::BTreeSet;

use proptest::prelude::*;
use tasktree_protocol::error::code;
use tasktree_protocol::unsent::{
    Begun, CLAIM_MS, Caller, Entry, Fate, GONE_MS, Keeper, Learned, Leases, Now, STAMP_MS,
};
use tasktree_protocol::{Bound, Command, Maybe, NewTask, TaskPatch, WireError};

use crate::server::{Server, epoch_name, task};
use crate::storage::{Reach, Storage};

#[derive(Clone, Debug)]
pub(crate) enum Step {
    /// Somebody asks for a change in that tab.
    Ask {
        tab: usize,
        task: u64,
        kind: u8,
    },
    /// The tab has its oldest change made. 1: it ends before it is sent, 2: the request is lost,
    /// 3: the answer is lost, 4: the tab is frozen before the answer comes.
    Deliver {
        tab: usize,
        fails: u8,
        merges: bool,
    },
    Crash(usize),
    /// The tab stands still, until it is thawed.
    Freeze(usize),
    Thaw(usize),
    /// The clock of the machine is set.
    SetClock(i64),
    /// The tab crashes after it has written so often to its storage.
    CrashAfter {
        tab: usize,
        after: u32,
    },
    /// A tab takes over what tabs that are gone have left.
    Adopt(usize),
    /// The person has read the reports.
    Dismiss(usize),
    Wait(i64),
    /// The database is replaced.
    Replace,
    /// Somebody else changes a task.
    Edit(u64),
    SignIn(usize),
    /// The storage is full, or has room again.
    Full(bool),
}

struct Tab {
    name: String,
    reach: Reach,
    keeper: Keeper<Reach>,
    /// Changes that were asked for here; others were taken over.
    own: BTreeSet<String>,
    /// The tabs whose entries are this one's, by locks.
    owns: BTreeSet<String>,
    /// The same where the browser has no locks.
    leases: Option<Leases<Reach>>,
    is_frozen: bool,
    /// Lead of the machine's clock when the tab learned the server's time.
    ahead: i64,
    /// Answer that a frozen tab gets when it is thawed, to that change.
    late: Option<Late>,
}

struct Late {
    intent: String,
    command: Command,
    answer: Result<Option<u64>, WireError>,
    merges: bool,
}

/// Record of a change, checked at the end.
#[derive(Clone, Debug)]
struct Change {
    intent: String,
    epoch: u32,
    author: usize,
    /// It was said that it would not outlive the page.
    is_exempt: bool,
    /// An answer was lost, so it may be reported although it was made.
    is_uncertain: bool,
    /// It was so already.
    is_done: bool,
    told: u32,
}

pub(crate) struct World {
    server: Server,
    storage: Storage,
    /// The true time, and the server's.
    now: i64,
    /// Lead of the machine's clock.
    ahead: i64,
    /// The browser has no locks.
    has_leases: bool,
    person: usize,
    tabs: [Option<Tab>; 2],
    opened: u32,
    changes: Vec<Change>,
}

/// The third is the first person, by another credential.
fn caller(person: usize) -> Caller {
    Caller {
        credential: format!("c{person}"),
        person: Some(
            if person == 2 {
                "p0"
            } else {
                ["p0", "p1"][person]
            }
            .to_owned(),
        ),
    }
}

fn intent_of(id: &str) -> &str {
    id.split('~').next().unwrap()
}

impl World {
    pub(crate) fn new(has_leases: bool) -> Self {
        Self {
            server: Server::new(),
            storage: Storage::default(),
            now: 1_000_000,
            ahead: 0,
            has_leases,
            person: 0,
            tabs: [None, None],
            opened: 0,
            changes: Vec::new(),
        }
    }

    /// Takes the steps, lets everything settle, and checks what became of each change.
    pub(crate) fn run(mut self, steps: &[Step]) -> Result<(), TestCaseError> {
        for step in steps {
            self.take(step);
        }
        self.finish();
        self.check()
    }

    fn tab(&mut self, index: usize) -> &mut Tab {
        let (clock, ahead) = (self.clock(), self.ahead);
        let opened = &mut self.opened;
        let (storage, has_leases) = (&self.storage, self.has_leases);
        self.tabs[index].get_or_insert_with(|| {
            let page = open_page(opened);
            let name = format!("{page}.");
            let reach = Reach::of(storage);
            let leases = has_leases.then(|| {
                let mut leases = Leases::new(reach.clone(), page.clone());
                leases.create(&page, clock);
                leases
            });
            Tab {
                keeper: Keeper::new(reach.clone(), name.clone()),
                reach,
                owns: BTreeSet::from([name.clone()]),
                name,
                own: BTreeSet::new(),
                leases,
                is_frozen: false,
                ahead,
                late: None,
            }
        })
    }

    /// Returns the time by the machine's clock.
    fn clock(&self) -> i64 {
        self.now + self.ahead
    }

    /// Returns the server's time, as the tab knows it: by its steady clock, and by one that is set.
    fn server_time(&mut self, index: usize) -> Now {
        let now = self.now;
        let by_clock = self.clock() - self.tab(index).ahead;
        Now {
            earliest_ms: now.min(by_clock),
            latest_ms: now.max(by_clock),
        }
    }

    fn is_frozen(&self, index: usize) -> bool {
        self.tabs[index].as_ref().is_some_and(|tab| tab.is_frozen)
    }

    /// Lets the tab find out what others have claimed, as it does before all that it does.
    fn look(&mut self, index: usize) {
        let clock = self.clock();
        let mut opened = self.opened;
        let tab = self.tab(index);
        let Some(leases) = &mut tab.leases else {
            return;
        };
        let lost = leases.take_lost();
        for page in &lost {
            tab.keeper.hand_over(&format!("{page}."));
        }
        let kept: BTreeSet<_> = tab.keeper.entries().map(|it| it.intent.clone()).collect();
        tab.own.retain(|intent| kept.contains(intent));
        if lost.iter().any(|page| tab.name == format!("{page}.")) {
            let page = open_page(&mut opened);
            leases.create(&page, clock);
            tab.name = format!("{page}.");
            tab.keeper.rename(tab.name.clone());
            self.opened = self.opened.max(opened);
        }
    }

    /// Has the tab stamp its leases and claim those of others.
    fn renew(&mut self, index: usize) {
        self.look(index);
        let (clock, pages) = (self.clock(), self.storage.pages());
        let entries = self.storage.entries.borrow().clone();
        let tab = self.tab(index);
        let Some(leases) = &mut tab.leases else {
            return;
        };
        for page in leases.renew(&pages, clock) {
            let owned = |key: &str| key.starts_with(&format!("{page}."));
            let mut gained = entries.iter().filter(|(key, _)| owned(key)).peekable();
            if gained.peek().is_none() {
                leases.end(&page);
            }
            for (key, text) in gained {
                tab.keeper.adopt(key, serde_json::from_str(text).unwrap());
            }
        }
        self.bury(index);
    }

    /// Lets time pass, in which the tabs that are not frozen run their timers.
    fn pass(&mut self, ms: i64) {
        let mut left = ms;
        while left > 0 {
            let step = left.min(STAMP_MS);
            self.now += step;
            left -= step;
            for index in 0..self.tabs.len() {
                if self.tabs[index].is_some() && !self.is_frozen(index) {
                    self.renew(index);
                }
            }
        }
    }

    /// Drops a tab whose last write was its last.
    fn bury(&mut self, index: usize) {
        if self.tabs[index]
            .as_ref()
            .is_some_and(|tab| tab.reach.is_dead())
        {
            self.tabs[index] = None;
        }
    }

    fn change(&mut self, intent: &str) -> &mut Change {
        self.changes
            .iter_mut()
            .find(|it| it.intent == intent)
            .unwrap()
    }

    fn take(&mut self, step: &Step) {
        match *step {
            Step::Ask { tab, .. }
            | Step::Deliver { tab, .. }
            | Step::Adopt(tab)
            | Step::Dismiss(tab)
                if self.is_frozen(tab) => {}
            Step::Ask { tab, task, kind } => self.ask(tab, task, kind),
            Step::Deliver { tab, fails, merges } => self.deliver(tab, fails, merges),
            Step::Crash(tab) => self.tabs[tab] = None,
            Step::Freeze(tab) => self.tab(tab).is_frozen = true,
            Step::Thaw(tab) => self.thaw(tab),
            Step::SetClock(ms) => self.ahead += ms,
            Step::CrashAfter { tab, after } => self.tab(tab).reach.fuse.set(Some(after)),
            Step::Adopt(tab) => self.adopt(tab),
            Step::Dismiss(tab) => self.dismiss(tab),
            Step::Wait(ms) => self.pass(ms),
            Step::Replace => self.server.replace(),
            Step::Edit(task) => self.server.edit(task),
            Step::SignIn(person) => self.person = person,
            Step::Full(is_full) => self.storage.is_full.set(is_full),
        }
        for index in 0..self.tabs.len() {
            self.bury(index);
        }
    }

    fn ask(&mut self, index: usize, number: u64, kind: u8) {
        self.look(index);
        let intent = format!("i{}", self.changes.len());
        let (person, now) = (self.person, self.now);
        let bound = Some(Bound {
            epoch: Some(epoch_name(self.server.epoch).as_str().into()),
            caller: Some(caller(person).credential),
        });
        let (project_id, rev) = ("p".into(), self.server.rev(number));
        let command = match kind {
            0 => Command::CreateTask {
                project_id,
                task: NewTask {
                    title: intent.clone(),
                    ..NewTask::default()
                },
                bound,
            },
            1 => Command::DeleteTask {
                project_id,
                task: task(number),
                bound,
            },
            2 => Command::RestoreTask {
                project_id,
                task: task(number),
                bound,
            },
            _ => Command::UpdateTask {
                project_id,
                task: task(number),
                patch: TaskPatch {
                    title: Maybe::Value(intent.clone()),
                    ..TaskPatch::default()
                },
                if_rev: rev.or(Some(1)),
                take: None,
                bound,
            },
        };
        let entry = Entry {
            intent: intent.clone(),
            id: intent.clone(),
            command,
            caller: caller(person),
            asked_ms: now,
            sent_ms: None,
            refused: None,
        };
        let epoch = self.server.epoch;
        let clock = self.clock();
        let tab = self.tab(index);
        let page = tab.name.trim_end_matches('.');
        let is_owner = tab.leases.as_mut().is_none_or(|leases| {
            // The storage may have been full.
            leases.holds(page) || leases.create(page, clock)
        });
        let is_kept = is_owner && tab.keeper.keep(entry) && !tab.reach.is_dead();
        if is_owner {
            tab.own.insert(intent.clone());
        }
        self.changes.push(Change {
            intent,
            epoch,
            author: person,
            is_exempt: !is_kept,
            is_uncertain: false,
            is_done: false,
            told: 0,
        });
    }

    /// Has the tab's oldest open change made, as the page does.
    fn deliver(&mut self, index: usize, fails: u8, merges: bool) {
        let clock = self.clock();
        let is_current = |leases: &Leases<Reach>| leases.is_current(clock);
        if !self.tab(index).leases.as_ref().is_none_or(is_current) {
            self.renew(index);
            self.pass(CLAIM_MS);
        }
        self.look(index);
        let (now, person) = (self.server_time(index), self.person);
        let tab = self.tab(index);
        let is_open = |entry: &&Entry| {
            entry.refused.is_none() && entry.caller.is_same_person(&caller(person))
        };
        let Some(entry) = tab.keeper.entries().find(is_open).cloned() else {
            return;
        };
        let intent = entry.intent.clone();
        let is_own = tab.own.contains(&intent);
        let (id, command) = if is_own {
            match entry.fate(now, &caller(person)) {
                Fate::Leave => return,
                Fate::Uncertain => {
                    tab.keeper.remove(&intent);
                    return self.told(&intent);
                }
                Fate::Send => {}
            }
            tab.keeper
                .note_attempt(&intent, &entry.id, &entry.command, now);
            (entry.id, entry.command)
        } else {
            match tab.keeper.begin(&intent, now, &caller(person)) {
                Begun::Send(id, command) => (id, *command),
                Begun::Report | Begun::Leave | Begun::Over => return,
            }
        };
        let has_room = tab.keeper.has_room();
        let is_dead = tab.reach.is_dead();
        if !has_room {
            for entry in self.unstored(index) {
                self.change(&entry).is_exempt = true;
            }
        }
        match fails {
            _ if is_dead => return,
            1 => {
                self.tabs[index] = None;
                return;
            }
            2 => return,
            _ => {}
        }
        let credential = caller(person).credential;
        let answer = self.server.execute(&credential, &id, &command, self.now);
        if fails >= 3 {
            self.change(&intent).is_uncertain = true;
            if fails == 4 {
                let tab = self.tab(index);
                tab.is_frozen = true;
                tab.late = Some(Late {
                    intent,
                    command,
                    answer,
                    merges,
                });
            }
            return;
        }
        self.learn(index, &intent, command, answer, merges);
    }

    /// The tab gets the answer to a change.
    fn learn(
        &mut self,
        index: usize,
        intent: &str,
        command: Command,
        answer: Result<Option<u64>, WireError>,
        merges: bool,
    ) {
        if self.tab(index).own.contains(intent) {
            self.learn_own(index, intent, command, answer, merges);
        } else {
            let learned = self.tab(index).keeper.learn(intent, answer);
            if learned == Learned::Done {
                self.change(intent).is_done = true;
            }
        }
        if self.tab(index).reach.is_dead() {
            // It may have ended before it noted the answer.
            self.change(intent).is_uncertain = true;
        }
    }

    /// The tab goes on where it stood still.
    fn thaw(&mut self, index: usize) {
        let tab = self.tab(index);
        tab.is_frozen = false;
        let Some(late) = tab.late.take() else { return };
        self.look(index);
        if self.tab(index).keeper.entry(&late.intent).is_some() {
            self.learn(index, &late.intent, late.command, late.answer, late.merges);
        }
    }

    /// Changes of a tab that it keeps and the storage has not.
    fn unstored(&self, index: usize) -> Vec<String> {
        let tab = self.tabs[index].as_ref();
        let entries = tab.into_iter().flat_map(|tab| tab.keeper.entries());
        let intents = entries.map(|entry| entry.intent.clone());
        intents.filter(|intent| !self.is_stored(intent)).collect()
    }

    /// Does as a living page does with the answer to a change of its own: it merges it, or tells.
    fn learn_own(
        &mut self,
        index: usize,
        intent: &str,
        mut command: Command,
        answer: Result<Option<u64>, WireError>,
        merges: bool,
    ) {
        let now = self.server_time(index);
        // Of one that may have been made, the row says nothing that is worth a merge.
        let merges = merges && !self.change(intent).is_uncertain;
        let tab = self.tab(index);
        match answer {
            Ok(rev) => tab.keeper.settle(intent, rev),
            Err(error) if error.code == code::OTHER_CALLER => {}
            Err(error) if error.code == code::CONFLICT && merges => {
                let rev = error.current.unwrap()["rev"].as_u64();
                if let Command::UpdateTask { if_rev, .. } = &mut command {
                    *if_rev = rev;
                }
                let id = format!("{intent}~{}.{}", now.latest_ms, rev.unwrap());
                tab.keeper.note_attempt(intent, &id, &command, now);
            }
            Err(_) => {
                tab.keeper.remove(intent);
                self.told(intent);
            }
        }
    }

    fn adopt(&mut self, index: usize) {
        if self.has_leases {
            self.renew(index);
            return self.pass(CLAIM_MS);
        }
        let living: BTreeSet<String> = self
            .tabs
            .iter()
            .flatten()
            .flat_map(|tab| tab.owns.iter().cloned())
            .collect();
        let entries = self.storage.entries.borrow().clone();
        let tab = self.tab(index);
        for (key, text) in entries {
            let owner = format!("{}.", key.split('.').next().unwrap());
            if !living.contains(&owner) && owner != tab.name {
                tab.owns.insert(owner);
                tab.keeper.adopt(key, serde_json::from_str(&text).unwrap());
            }
        }
    }

    fn dismiss(&mut self, index: usize) {
        self.look(index);
        let person = self.person;
        let tab = self.tab(index);
        let is_shown = |entry: &&Entry| {
            entry.refused.is_some() && entry.caller.is_same_person(&caller(person))
        };
        let shown: Vec<_> = tab.keeper.entries().filter(is_shown).cloned().collect();
        for entry in shown {
            self.tab(index).keeper.remove(&entry.intent);
            self.told(&entry.intent);
        }
    }

    /// The author was told, unless the tab ended before it noted that.
    fn told(&mut self, intent: &str) {
        if !self.is_stored(intent) {
            self.change(intent).told += 1;
        }
    }

    fn is_stored(&self, intent: &str) -> bool {
        let mark = format!("\"intent\":\"{intent}\"");
        let entries = self.storage.entries.borrow();
        entries.values().any(|text| text.contains(&mark))
    }

    /// Everything works again, and everybody comes back.
    fn finish(&mut self) {
        self.storage.is_full.set(false);
        self.tabs = [None, None];
        if self.has_leases {
            self.tab(0);
            self.pass(GONE_MS + 2 * STAMP_MS);
        }
        for person in [0, 1, 2] {
            self.person = person;
            self.adopt(0);
            // Nothing is asked for any more, so each attempt settles one.
            for _ in 0..=self.changes.len() {
                self.deliver(0, 0, false);
            }
            self.dismiss(0);
        }
    }

    fn check(&self) -> Result<(), TestCaseError> {
        prop_assert!(self.storage.entries.borrow().is_empty(), "nothing is left");
        for change in &self.changes {
            let is_its = |id: &str| intent_of(id) == change.intent;
            let made: Vec<_> = self
                .server
                .effects
                .iter()
                .filter(|it| is_its(&it.id))
                .collect();
            prop_assert!(made.len() <= 1, "made twice: {change:?} {made:?}");
            prop_assert!(change.told <= 1, "told twice: {change:?}");
            for effect in &made {
                prop_assert_eq!(effect.epoch, change.epoch, "made elsewhere: {:?}", change);
                let by = caller(effect.credential[1..].parse().unwrap());
                let author = caller(change.author);
                prop_assert!(by.is_same_person(&author), "by somebody else: {change:?}");
            }
            let is_settled = !made.is_empty() || change.told == 1 || change.is_done;
            prop_assert!(is_settled || change.is_exempt, "lost: {change:?}");
            let is_both = !made.is_empty() && change.told == 1;
            prop_assert!(!is_both || change.is_uncertain, "made and told: {change:?}");
        }
        Ok(())
    }
}

/// Returns the name of the next page.
fn open_page(opened: &mut u32) -> String {
    *opened += 1;
    format!("t{opened}")
}
